"""Whether one JSON value is of a type that a signature declares."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

type Spec = Mapping[str, Any]
"""A column, a tensor, or what is inside one, as in an MLmodel's signature."""

NULL = "is null (NaN, infinity or missing)"
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and in which part of which part of the answer."""

    words: str
    path: tuple[str, ...] = ()

    def within(self, part: str) -> "Problem":
        """The same, seen from the whole that *part* belongs to."""
        return replace(self, path=(part, *self.path))

    def __str__(self) -> str:
        """One sentence, which quotes no value."""
        where = ", ".join(self.path) or "the answer"
        return f"{where[0].upper()}{where[1:]} {self.words}."


def should_be(expected: str, value: Any) -> Problem:
    return Problem(f"should be {expected} and is {kind_of(value)}")


def kind_of(value: Any) -> str:
    """In words, e.g. `a list of 3`."""
    return f"a list of {len(value)}" if isinstance(value, list) else _KINDS[type(value)]


def first_of(problems: Iterable[Problem | None]) -> Problem | None:
    return next((problem for problem in problems if problem), None)


def is_required(spec: Spec) -> bool:
    """Earlier versions of MLflow said `optional`."""
    return bool(spec.get("required", not spec.get("optional", False)))


def is_numeric(spec: Spec) -> bool:
    return spec.get("type") in {"integer", "long", "float", "double"}


def value_problem(value: Any, spec: Spec) -> Problem | None:
    """Why *value* is not what *spec* declares; None when it is, or when the type is unknown."""
    kind = str(spec.get("type"))
    if value is None:
        return None if kind == "any" else Problem(NULL)
    if kind in _CONTAINERS:
        container, expected, inside = _CONTAINERS[kind]
        return inside(value, spec) if isinstance(value, container) else should_be(expected, value)
    if kind in _SCALARS:
        expected, fits = _SCALARS[kind]
        return None if fits(value) else should_be(expected, value)
    return None


def part_problem(value: Any, spec: Spec, part: str) -> Problem | None:
    """The same for *part* of something."""
    problem = value_problem(value, spec)
    return problem.within(part) if problem else None


def _array(items: list[Any], spec: Spec) -> Problem | None:
    """MLflow leaves None out when it infers what a list holds, but null for a number is a NaN."""
    inner = spec.get("items") or {}
    return first_of(
        part_problem(item, inner, f"item {number}")
        for number, item in enumerate(items, start=1)
        if item is not None or is_numeric(inner)
    )


def _map(entries: dict[str, Any], spec: Spec) -> Problem | None:
    inner = spec.get("values") or {}
    return first_of(
        part_problem(value, inner, f"entry {number}")
        for number, value in enumerate(entries.values(), start=1)
    )


def _object(value: dict[str, Any], spec: Spec) -> Problem | None:
    properties: Mapping[str, Spec] = spec.get("properties") or {}
    return first_of(
        _property(value.get(name, _MISSING), inner, name) for name, inner in properties.items()
    )


def _property(value: Any, spec: Spec, name: str) -> Problem | None:
    if (value is _MISSING or value is None) and not is_required(spec):
        return None
    if value is _MISSING:
        return Problem(f'has no property "{name}"')
    return part_problem(value, spec, f'property "{name}"')


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_moment(value: Any) -> bool:
    """ISO 8601, or the nanoseconds since 1970 that numpy makes of a datetime64."""
    if not isinstance(value, str):
        return _is_number(value) and isinstance(value, int)
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_KINDS = {
    bool: "a boolean",
    dict: "an object",
    float: "a number with a fraction",
    int: "a whole number",
    str: "a string",
    type(None): "null",
}
_CONTAINERS: Mapping[str, tuple[type, str, Callable[[Any, Spec], Problem | None]]] = {
    "array": (list, "a list", _array),
    "map": (dict, "an object", _map),
    "object": (dict, "an object", _object),
}
_SCALARS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "boolean": ("a boolean", lambda value: isinstance(value, bool)),
    "integer": ("a whole number", _is_whole),
    "long": ("a whole number", _is_whole),
    "float": ("a number", _is_number),
    "double": ("a number", _is_number),
    "string": ("a string", lambda value: isinstance(value, str)),
    "binary": ("a string (base64)", lambda value: isinstance(value, str)),
    "datetime": ("a date and time", _is_moment),
}
