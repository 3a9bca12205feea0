"""Reads the YAML and JSON of a model's files within limits: anybody may have written them.

YAML is read as text, lists and maps alone: no file of MLflow's needs YAML's other types, and
`3.10` stays the version that it is. What `null` stands for is None.
"""

import json
import re
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from functions.provision.registry.base import FilesRefusedError

MAX_DEPTH = 60
"""Lists and maps within each other."""
MAX_YAML_PARTS = 100_000
"""Scalars, lists and maps, those that aliases stand for counted each time."""
MAX_YAML_CHARACTERS = 8 * 1024**2
"""Text of all scalars, counted in the same way."""
MAX_DIGITS = 20
"""Of a whole number: as many as 64 bits have."""
_SHOWN_FAULTS = 3
_SHOWN_CHARACTERS = 60
_NULL = "tag:yaml.org,2002:null"

type Json = Any


class _Loader(yaml.CBaseLoader):
    """Makes text of every scalar but null."""


_Loader.add_implicit_resolver(_NULL, re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])
_Loader.add_constructor(_NULL, lambda _loader, _node: None)


def yaml_document(text: str, what: str) -> Json:
    """Return the content of the file *what*: None, text, lists and maps.

    Raises: FilesRefusedError.
    """
    try:
        _check_yaml(text, what)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - makes text, lists and maps alone
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise FilesRefusedError(
            f"The model's file {what} is not YAML{where}. Log the model again."
        ) from None


def json_document(text: str, what: str) -> Json:
    """Return the content of *what*; NaN and infinity, which JSON lacks, are null.

    Raises: FilesRefusedError.
    """
    try:
        document = json.loads(text, parse_constant=lambda _constant: None, parse_int=_whole_number)
        # A lone surrogate cannot be sent or stored.
        text.encode()
        json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise FilesRefusedError(
            f"{what} is not JSON that can be stored. Log the model again."
        ) from None
    if _depth(document) > MAX_DEPTH:
        raise FilesRefusedError(f"{what} is nested more than {MAX_DEPTH} levels deep.")
    return document


def validated[T](adapter: TypeAdapter[T], document: Json, what: str) -> T:
    """Return *document* as what *adapter* describes.

    Raises: FilesRefusedError, which says where *what* differs.
    """
    try:
        return adapter.validate_python(document)
    except ValidationError as invalid:
        faults = [
            f"{'.'.join(map(_shown, fault['loc'])) or 'the whole'}: {fault['msg']}"
            for fault in invalid.errors(include_input=False, include_url=False)
        ]
        raise FilesRefusedError(
            f"{what} is not as MLflow writes it ({'; '.join(faults[:_SHOWN_FAULTS])}). Log the "
            "model again with mlflow.<flavor>.log_model."
        ) from None


class _Expansion:
    """What a YAML text stands for, counted from its events before anything is made of it.

    A few aliases of aliases can stand for more than any memory holds.
    """

    def __init__(self) -> None:
        self.parts = self.characters = 0
        self._anchored: dict[str, tuple[int, int]] = {}
        self._open: list[tuple[str | None, int, int]] = []

    @property
    def is_too_large(self) -> bool:
        too_many = self.parts > MAX_YAML_PARTS or self.characters > MAX_YAML_CHARACTERS
        return too_many or len(self._open) > MAX_DEPTH

    def add(self, event: yaml.Event) -> None:
        """Count *event*.

        Raises: YAMLError (an alias of what is not complete yet).
        """
        match event:
            case yaml.AliasEvent():
                if event.anchor not in self._anchored:
                    raise yaml.YAMLError
                parts, characters = self._anchored[event.anchor]
                self._count(parts, characters)
            case yaml.ScalarEvent():
                self._count(1, len(event.value))
                self._keep(event.anchor, 1, len(event.value))
            case yaml.CollectionStartEvent():
                self._open.append((event.anchor, self.parts, self.characters))
                self._count(1, 0)
            case yaml.CollectionEndEvent():
                anchor, parts, characters = self._open.pop()
                self._keep(anchor, self.parts - parts, self.characters - characters)

    def _count(self, parts: int, characters: int) -> None:
        self.parts += parts
        self.characters += characters

    def _keep(self, anchor: str | None, parts: int, characters: int) -> None:
        if anchor:
            self._anchored[anchor] = (parts, characters)


def _check_yaml(text: str, what: str) -> None:
    """Raises: FilesRefusedError, YAMLError."""
    expansion = _Expansion()
    for event in yaml.parse(text, Loader=_Loader):
        expansion.add(event)
        if expansion.is_too_large:
            raise FilesRefusedError(
                f"The model's file {what} stands for too much: more than {MAX_YAML_PARTS:,} parts, "
                f"{MAX_YAML_CHARACTERS:,} characters or {MAX_DEPTH} levels. Log the model with "
                "less metadata."
            )


def _whole_number(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(digits)
    return int(digits)


def _depth(document: Json) -> int:
    """Return the number of lists and maps within each other."""
    depth, level = 0, [document]
    while level := [each for each in level if isinstance(each, dict | list) and each]:
        depth += 1
        level = [
            inner for each in level for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _shown(part: str | int) -> str:
    text = str(part)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
