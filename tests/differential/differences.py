"""Kinds of differences between our check and MLflow's, as docs/input-validation.md lists them.

A difference of no kind fails the test.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from functions.common.errors import Fault
from tests.differential.bodies import FORMS
from tests.differential.signatures import Signature

type Passed = Callable[[Signature, Any, str], bool]
"""Returns whether this is why MLflow refused, with this message, a body that we take."""
type Refused = Callable[[Any, str], bool]
"""Returns whether this is why we refused a value, with this message, that MLflow takes."""


def _words(pattern: str) -> Passed:
    return lambda _signature, _body, words: re.search(pattern, words) is not None


def _without_names(signature: Signature, body: Any, _words: str) -> bool:
    """Return the kind for several inputs without names, a table, or named rows."""
    specs = signature.inputs or [{}]
    nameless = "name" not in specs[0] and specs[0].get("type") != "tensor"
    in_table = any(form.startswith("dataframe_") for form in body)
    return nameless and (len(specs) > 1 or in_table or "dict" in _kinds_of_rows(body))


def _of_objects(signature: Signature, _body: Any, _words: str) -> bool:
    return any(
        spec.get("tensor-spec", {}).get("dtype") == "object" for spec in signature.inputs or []
    )


def _kinds_of_rows(body: Any) -> set[str]:
    """Return the types of a body's rows, e.g. list and object."""
    rows = next((body[form] for form in FORMS if form in body), None)
    if isinstance(rows, dict):
        rows = rows.get("data")
    return {type(row).__name__ for row in rows} if isinstance(rows, list) else set()


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
    "columns without names": _without_names,
    "tensors of objects": _of_objects,
    "rows of lists as instances": _words(
        r"Invalid object type|1-dimensional|unsized object|truth value of an"
    ),
    "columns of maps": _words(r"Expected data to be a dict"),
    "mixed values": _words(
        r"argument must be a string|has no attribute|dictionary update|not iterable"
        r"|other types are not supported|requires the shape to be|Expected data to be"
        r"|which suggests a numpy array"
    ),
}
"""By kind, what we pass on although MLflow refuses it; the first that applies counts."""


_SCALARS: Mapping[str, tuple[type, ...]] = {
    "should be a whole number": (int, float),
    "should be a number": (int, float),
    "should be true or false": (bool,),
    "should be a string": (str,),
    "should be bytes": (str,),
    "should be a date": (str,),
    "should be a column's name": (str, int, float),
    "should be a value": (int, float),
}
"""By the beginning of a message, what the value may be in JSON."""


def _of_another_type(value: Any, message: str) -> bool:
    wanted = next((types for start, types in _SCALARS.items() if message.startswith(start)), None)
    if wanted is None:
        return False
    return not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)


def _starts(start: str) -> Refused:
    return lambda _value, message: message.startswith(start)


def _has_fraction(value: Any, message: str) -> bool:
    whole = message.startswith("should be a whole number")
    return whole and isinstance(value, float) and not value.is_integer()


def _of_another_length(value: Any, message: str) -> bool:
    sized = re.match(r"should be a (list of \d+ values|row of one cell|list of shape)", message)
    return sized is not None and isinstance(value, list) and value != []


REFUSED: Mapping[str, Refused] = {
    "values of another type": _of_another_type,
    "numbers with a fraction": _has_fraction,
    "numbers beyond their type": _starts("should be a whole number"),
    "other ways to write a date": _starts("should be a date"),
    "text that is not base64": _starts("should be bytes"),
    "rows without a required column": _starts("should have "),
    "rows of another length": _of_another_length,
    "no rows": lambda value, message: value in ([], {}, None) and message.startswith("should be a"),
    "other values in place of rows": lambda _value, message: (
        re.match("should be (a list|a row|columns|tensors|an object)", message) is not None
    ),
}
"""By kind, what we refuse although MLflow takes it; the first that applies counts."""


def passed_on(signature: Signature, body: bytes, words: str) -> str | None:
    """Return the kind of a body that we accept and MLflow refuses with *words*; None: no kind."""
    parsed = json.loads(body)
    kinds = (kind for kind, applies in PASSED_ON.items() if applies(signature, parsed, words))
    return next(kinds, None)


def refused(body: bytes, fault: Fault) -> str | None:
    """Return the kind of a body that we refuse for *fault* and MLflow accepts; None: no kind."""
    value = at(json.loads(body), fault.pointer)
    return next((kind for kind, applies in REFUSED.items() if applies(value, fault.message)), None)


def at(document: Any, pointer: str) -> Any:
    """Return the value that a JSON pointer (RFC 6901) points at."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document
