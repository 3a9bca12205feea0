"""Where our check and MLflow's differ, by kind; docs/input-validation.md explains each.

Whatever differs and is of no kind below fails the test.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from functions.common.errors import Fault
from tests.differential.bodies import FORMS
from tests.differential.signatures import Signature

type Passed = Callable[[Signature, Any, str], bool]
"""Whether a body that we let through was refused for this, in MLflow's words."""
type Refused = Callable[[Any, Fault], bool]
"""Whether a body was refused by us for this, while MLflow takes it."""


def _words(pattern: str) -> Passed:
    return lambda _signature, _body, words: re.search(pattern, words) is not None


def _without_names(signature: Signature, body: Any, _words: str) -> bool:
    """Several, or in a table, or in rows by names that there are none of."""
    specs = signature.inputs or [{}]
    nameless = "name" not in specs[0] and specs[0].get("type") != "tensor"
    in_table = any(form.startswith("dataframe_") for form in body)
    return nameless and (len(specs) > 1 or in_table or "dict" in _kinds_of_rows(body))


def _nothing_required(signature: Signature, _body: Any, _words: str) -> bool:
    return bool(signature.inputs) and not any(
        spec.get("required", True) for spec in signature.inputs or []
    )


def _of_objects(signature: Signature, _body: Any, _words: str) -> bool:
    return any(
        spec.get("tensor-spec", {}).get("dtype") == "object" for spec in signature.inputs or []
    )


def _kinds_of_rows(body: Any) -> set[str]:
    """What the rows of a body are, e.g. lists and objects."""
    rows = next((body[form] for form in FORMS if form in body), None)
    if isinstance(rows, dict):
        rows = rows.get("data")
    return {type(row).__name__ for row in rows} if isinstance(rows, list) else set()


def _mixed(_signature: Signature, body: Any, _words: str) -> bool:
    return len(_kinds_of_rows(body)) > 1


PASSED_ON: Mapping[str, Passed] = {
    "uneven lists": _words(
        r"inhomogeneous|setting an array element with a sequence|same length|are not the same"
        r"|must match exactly|could not be converted to the expected shape|Per-column arrays"
        r"|Mixing dicts with non-Series|does not match length of index"
    ),
    "a field beside one row": _words("all scalar values"),
    "tables that are not rectangular": _words(
        r"valid dataframe representation|unhashable|no attribute .{1,2}dtype|out-of-bounds"
        r"|DataFrame is empty|containing multiple columns|DataFrame columns must be unique"
        r"|column .* contains scalar"
    ),
    "gaps": _words(
        r"IntCastingNaN|got float|got NoneType|encoding without a string|of 'nan'|of .{1,2}nan"
        r"|from 'None|not .{1,2}NoneType|missing values|float NaN"
        r"|column [^.]+\. Can not safely convert (float64|object) to"
    ),
    "dates": _words(
        r"time data|timezone|datetime64|DataType.datetime|Given date string|match format"
        r"|convertible to datetime|month must be|day is out|day must be|Unknown datetime string"
        r"|Out of bounds nano|DateParseError|out of range|object to NumPy datetime"
        r"|to type `[^`]*datetime"
    ),
    "numbers within lists and objects": _words(
        r"Incompatible input types for column \.|with dtype `|received type|from type object to"
    ),
    "whole numbers with a point": _words(r"Invalid parameters found.*'float'"),
    "strings of large numbers": _words(r"out of bounds|too large to convert"),
    "characters beyond ASCII": _words(r".ascii. codec|UnicodeEncodeError|to type `binary"),
    "columns without names": _without_names,
    "no column required": _nothing_required,
    "tensors of objects": _of_objects,
    "mixed rows": _mixed,
    "mixed values": _words(
        r"argument must be a string|has no attribute|not iterable|other types are not supported"
        r"|requires the shape to be|Expected data to be|which suggests a numpy array"
    ),
}
"""By kind, what we pass on although MLflow refuses it; the first that applies counts."""


def _beyond_type(body: Any, fault: Fault) -> bool:
    numbers = [each for each in _leaves(at(body, fault.pointer)) if _is_number(each)]
    whole = "whole number" in fault.message
    return any(abs(each) >= 2**63 or (whole and not 0 <= each < 2**7) for each in numbers)


def _empty(body: Any, fault: Fault) -> bool:
    value = at(body, fault.pointer)
    return any(each in ([], {}) for each in [value, *_parts(value)])


def _an_object(body: Any, fault: Fault) -> bool:
    loose = fault.message in {
        f"should be {each}" for each in ("a string", "a value", "true or false")
    }
    return loose and isinstance(at(body, fault.pointer), dict)


def _other_digits(body: Any, fault: Fault) -> bool:
    value = at(body, fault.pointer)
    return isinstance(value, str) and any(sign.isdecimal() and not sign.isascii() for sign in value)


def _no_rows(body: Any, fault: Fault) -> bool:
    return fault.message.startswith("should be a row") or len(_kinds_of_rows(body)) > 1


def _other_shape(body: Any, fault: Fault) -> bool:
    in_table = fault.pointer.startswith("/dataframe_")
    wants_list = fault.message.startswith("should be a list of ")
    return in_table and (wants_list or isinstance(at(body, fault.pointer), list))


REFUSED: Mapping[str, Refused] = {
    "numbers beyond their type": _beyond_type,
    "nothing in place of a value": _empty,
    "objects in place of strings": _an_object,
    "digits of other scripts": _other_digits,
    "lists and strings in place of rows": _no_rows,
    "other shapes within a table": _other_shape,
    "rows of lists as instances": lambda _body, fault: fault.message.endswith(
        ("goes as `inputs`", "of the only column")
    ),
    "columns of maps": lambda _body, fault: fault.message.endswith("no columns of maps"),
    "gaps where none may be": lambda _body, fault: fault.message.startswith("should have "),
}
"""By kind, what we refuse although MLflow takes it; the first that applies counts."""


def passed_on(signature: Signature, body: bytes, words: str) -> str | None:
    """The kind of what we passed on and MLflow refused in *words*; None for none of them."""
    parsed = json.loads(body)
    kinds = (kind for kind, applies in PASSED_ON.items() if applies(signature, parsed, words))
    return next(kinds, None)


def refused(body: bytes, fault: Fault) -> str | None:
    """The kind of what we refused for *fault* and MLflow took; None for none of them."""
    parsed = json.loads(body)
    return next((kind for kind, applies in REFUSED.items() if applies(parsed, fault)), None)


def at(document: Any, pointer: str) -> Any:
    """What an RFC 6901 pointer points at."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return []
    return [part for each in value for part in (each, *_parts(each))]


def _leaves(value: Any) -> list[Any]:
    return [each for each in [value, *_parts(value)] if not isinstance(each, list | dict)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
