"""Large bodies: their large lists stay text, and what is beside them is parsed.

Lists of numbers are known by their text (`number_arrays`), the rows of tables are checked while
they are parsed, by types (`typed_lists`), or by their text, too (`row_patterns`).
"""

import re
from collections.abc import Callable, Mapping
from os import urandom
from typing import Any

from jiter import from_json

from functions.common.json_text import (
    LARGE_BYTES,
    JsonText,
    ListText,
    PartlyParsed,
    may_hold_half_pairs,
    texts_by_name,
)
from functions.common.signatures.number_arrays import number_array

_ROWS = re.compile(rb'"(data|dataframe_records|inputs|instances)"\s*:\s*(?=\[)')
_BEGINNING_BYTES = 65_536
_ROW_BYTES = 4_096
"""Where the first string of a row is looked for."""


def read_object(raw: bytes) -> Mapping[str, Any] | None:
    """Return a large JSON object, parsed but for lists that are fields of it or of an object in it;
    None for what `from_json` has to parse as a whole."""
    if may_hold_half_pairs(raw):
        return None
    try:
        return _without_rows(raw) or _object(raw, _field)
    except ValueError:
        return None


def _without_rows(raw: bytes) -> Mapping[str, Any] | None:
    """Return a table's body, parsed but for its rows; None if it may be something else.

    The rows are taken for what is between the first `[` after the field's name and the last `]`. So
    they are if that is a list, and the rest is JSON in which a mark has its place.
    """
    found = _ROWS.search(raw, 0, _BEGINNING_BYTES)
    if not found or b'"' not in raw[found.end() : found.end() + _ROW_BYTES]:
        return None
    start, end, name = found.end(), raw.rfind(b"]") + 1, found[1].decode()
    if name == "data" and b'"columns"' not in raw[:start]:
        return None
    mark = urandom(16).hex()
    try:
        body = from_json(b'%b"%b"%b' % (raw[:start], mark.encode(), raw[end:]), allow_inf_nan=False)
    except ValueError:
        return None
    table = body
    if name == "data" and isinstance(body, dict):
        table = body.get("dataframe_split")
    if not isinstance(table, dict) or table.get(name) != mark:
        return None
    table = PartlyParsed(table | {name: ListText(raw[start:end])})
    return PartlyParsed(body | {"dataframe_split": table}) if name == "data" else table


def _object(text: bytes, value: Callable[[bytes], Any]) -> dict[str, Any] | None:
    texts = texts_by_name(text)
    if texts is None:
        return None
    values = {name: value(each) for name, each in texts.items()}
    is_partly = any(isinstance(each, JsonText | PartlyParsed) for each in values.values())
    return PartlyParsed(values) if is_partly else values


def _field(text: bytes) -> Any:
    inner = _object(text, _list_or_value) if text.startswith(b"{") else None
    return _list_or_value(text) if inner is None else inner


def _list_or_value(text: bytes) -> Any:
    if len(text) < LARGE_BYTES or not text.startswith(b"["):
        return from_json(text, allow_inf_nan=False)
    return number_array(text) or ListText(text)
