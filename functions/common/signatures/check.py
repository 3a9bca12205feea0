"""Checks of inputs and answers by the schemas made of a model's signature.

The engine says whether a value fits, in less time than its JSON took to parse. It is not asked why
not: it would collect every error of every alternative, seconds for a large body, and quote values
in them. `explanation` finds the reasons by asking it about ever smaller parts.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from functions.common.deployments.record import Deployment
from functions.common.errors import Fault, InvalidInputError, InvalidRequestError
from functions.common.json_text import JsonText, PartlyParsed, is_sound, parsed
from functions.common.signatures.body import (
    CHAT_FIELDS,
    INPUT_FORMATS,
    PARAMETER_NAMES,
    RequestBody,
)
from functions.common.signatures.chat import takes_chat
from functions.common.signatures.engine import compile_schema
from functions.common.signatures.explanation import Explanation
from functions.common.signatures.tables import split_schema
from functions.common.signatures.text_check import TextCheck
from functions.common.signatures.values import JsonSchema

if TYPE_CHECKING:
    from jsonschema_rs import Validator

MAX_FAULTS = 20
SCHEMAS_KEPT = 64
"""Compiled schemas kept at once; the least recently used goes first."""
SPLITS_KEPT = 8
"""Orders of columns in `dataframe_split` whose compiled schemas are kept, per model."""
_SPLIT = "dataframe_split"
_MAX_QUOTED_CHARACTERS = 200


class Recent[K: Hashable, V]:
    """Keeps at most *size* values; the least recently used goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of *key*, made now if it is not kept."""
        if key not in self._values:
            self._values[key] = make()
        self._values.move_to_end(key)
        if len(self._values) > self._size:
            self._values.popitem(last=False)
        return self._values[key]


def check_fields(body: RequestBody) -> None:
    """Check the names of the body's fields; those of a chat model's own body are its schema's.

    Raises: InvalidRequestError, InvalidJsonError.
    """
    try:
        _check_names(body.parsed)
    except InvalidRequestError:
        _require_json(body)
        raise


def _require_json(body: RequestBody) -> None:
    """Raises: InvalidJsonError, InvalidRequestError (what looked like a list hid other fields)."""
    if not is_sound(body.parsed):
        _check_names(body.whole)


def _check_names(body: Mapping[str, Any]) -> None:
    formats = [name for name in body if name in INPUT_FORMATS]
    if not formats and any(name in body for name in CHAT_FIELDS):
        return
    if len(formats) != 1:
        raise _not_one_format(formats)
    if len([name for name in body if name in PARAMETER_NAMES]) > 1:
        raise InvalidRequestError(
            f"The body may hold only one of {', '.join(PARAMETER_NAMES)}: they mean the same."
        )
    unknown = [name for name in body if name not in (*INPUT_FORMATS, *PARAMETER_NAMES)]
    if unknown:
        names = ", ".join(unknown)[:_MAX_QUOTED_CHARACTERS]
        raise InvalidRequestError(f"The body holds unknown fields: {names}.")


def _not_one_format(formats: Sequence[str]) -> InvalidRequestError:
    found = f"found {' and '.join(formats)}" if formats else "found none"
    return InvalidRequestError(
        f"The body must hold exactly one of {', '.join(INPUT_FORMATS)}; {found}."
    )


def _check_chats(deployment: Deployment) -> None:
    """Raises: InvalidRequestError (it takes no body without a format)."""
    if deployment.package.is_hub_source or not takes_chat(deployment.contract.inputs):
        raise _not_one_format(())


class CompiledSchema:
    """A schema, compiled when it is first used."""

    def __init__(self, schema: JsonSchema) -> None:
        self._schema = schema
        self._splits: Recent[tuple[Hashable, ...], CompiledSchema | None] = Recent(SPLITS_KEPT)

    def faults(self, value: Any, path: tuple[str | int, ...] = ()) -> list[Fault]:
        """Return what is wrong with *value*, at most `MAX_FAULTS`; nothing when it fits.

        *path* leads to it from the whole that pointers start from.
        """
        if self._validator.is_valid(value):
            return []
        return list(islice(self._explanation.faults(self._schema, value, path), MAX_FAULTS))

    def body_faults(self, body: Mapping[str, Any]) -> list[Fault]:
        """Return what is wrong with a body for predict, including the cells of a split table."""
        faults = self.faults(body)
        split = body.get(_SPLIT)
        if faults or split is None:
            return faults
        part = self._split(split.get("columns"))
        return part.faults(split, (_SPLIT,)) if part else []

    def body_surely_fits(self, body: Mapping[str, Any]) -> bool:
        """Return whether a body that holds text is JSON and fits; False also: it must be parsed."""
        split = body.get(_SPLIT)
        part = self._split(_names(split)) if isinstance(split, dict) else None
        if part is None:
            return self._texts.body_fits(self._schema, body)
        return part.surely_fits(split) and self._texts.body_fits(self._schema, body, but=_SPLIT)

    def surely_fits(self, value: Any) -> bool:
        """Return whether *value*, which holds text, is JSON and fits."""
        return self._texts.fits(self._schema, value)

    def _split(self, columns: Any) -> "CompiledSchema | None":
        if not isinstance(columns, list) or not all(isinstance(name, Hashable) for name in columns):
            return None

        def compiled() -> CompiledSchema | None:
            schema = split_schema(self._schema, columns)
            return CompiledSchema(schema) if schema else None

        return self._splits.get(tuple(columns), compiled)

    @cached_property
    def _validator(self) -> "Validator":
        return compile_schema(self._schema)

    @cached_property
    def _texts(self) -> TextCheck:
        return TextCheck(self._explanation)

    @cached_property
    def _explanation(self) -> Explanation:
        return Explanation(self._schema.get("$defs", {}))


class InputValidator:
    """Checks inputs by the request schemas of the deployments; compiles each once."""

    def __init__(self) -> None:
        self._compiled: Recent[str, CompiledSchema] = Recent(SCHEMAS_KEPT)

    def check(self, deployment: Deployment, body: RequestBody) -> None:
        """Check *body*, whose fields `check_fields` accepts; without a schema, accept any JSON.

        Raises: InvalidInputError, InvalidJsonError, InvalidRequestError (a chat model's body for
        another model).
        """
        if not any(name in body.parsed for name in INPUT_FORMATS):
            _require_json(body)
            _check_chats(deployment)
        schema = deployment.contract.request_schema
        if schema is None:
            _require_json(body)
            return
        compiled = self._compiled.get(deployment.id, lambda: CompiledSchema(schema))
        value = body.parsed
        if isinstance(value, PartlyParsed):
            if compiled.body_surely_fits(value):
                return
            _require_json(body)
            value = body.whole
        if faults := compiled.body_faults(value):
            raise InvalidInputError(
                "The input is not what the model's signature asks for; `errors` says where.",
                faults=faults,
            )


def _names(split: Mapping[str, Any]) -> Any:
    """Return the names of a split table's columns; None if they are no JSON."""
    columns = split.get("columns")
    if not isinstance(columns, JsonText):
        return columns
    try:
        return parsed(columns)
    except ValueError:
        return None


def mismatch(predictions: Any, answer_schema: JsonSchema | None) -> str | None:
    """Return a sentence on where *predictions* first differ from *answer_schema*; None if they fit.

    The sentence quotes no value. An answer that holds nothing, or nothing but null, never fits;
    without a schema everything else does.
    """
    if nothing := _nothing(predictions):
        return nothing
    faults = CompiledSchema(answer_schema).faults(predictions) if answer_schema else []
    if not faults:
        return None
    where = f"At {faults[0].pointer}, the answer" if faults[0].pointer else "The answer"
    return f"{where} {faults[0].message}."


def _nothing(answer: Any) -> str | None:
    if isinstance(answer, dict | list) and not answer:
        return "The answer holds no predictions."
    if not _holds_a_value(answer):
        return "The answer holds nothing but null (NaN, infinity or missing)."
    return None


def _holds_a_value(value: Any) -> bool:
    """Lists and objects without any leaf count as values: a model may have found nothing."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and value:
        return any(map(_holds_a_value, value))
    return value is not None
