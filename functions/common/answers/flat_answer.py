"""A JSON answer as its structure and its numbers, which are compared within a tolerance. Pure.

Two answers agree when their structures are equal and each number differs from that of the first
answer, the *reference*, by at most tolerance times scale, where a number's scale is

- its own size,
- or a hundredth of the largest number that stands in the same list, if that is more: what a list's
  numbers were added up from is of the size of its larger ones, and so is the rounding,
- or `SMALLEST_SCALE`.
"""

import json
import math
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

SMALLEST_SCALE = 1e-4
"""With `TOLERANCE`, numbers that differ by 1e-8 are equal, as for `numpy.allclose`.
Source: https://numpy.org/doc/stable/reference/generated/numpy.allclose.html"""
SHARE_OF_LIST = 0.01
"""A 32-bit sum of numbers near 1 is off by some 1e-6, which is `TOLERANCE` of this."""
LARGEST = 1e290
"""Larger numbers are part of the structure: sums of them could not be written as 64-bit numbers."""
TOLERANCE = 1e-4
"""CPUs of different generations add 32-bit numbers in different orders; PyTorch's own bound for
equal results is 1.3e-6 relative and 1e-5 absolute for each operation, and a model has many.
Source: https://pytorch.org/docs/stable/testing.html"""

AnswerTolerance = Annotated[
    float,
    Meta(
        ge=0,
        le=0.1,
        description="How far a number of equal answers may differ, as a share of its size.",
    ),
]
"""Setting."""


@dataclass(frozen=True, slots=True)
class FlatAnswer:
    """An answer's structure, and its numbers in order.

    Attributes:
        structure: JSON of the answer with sorted names and 0 for each of *numbers*.
        scales: Of *numbers*, see above.
    """

    structure: str
    numbers: list[float]
    scales: list[float]


def flattened(answer: Any) -> FlatAnswer:
    """Return the JSON value *answer* as its structure and its numbers.

    `1` and `1.0` are one number. What is no number to a reader of 64-bit ones, NaN, infinity and
    integers beyond them, is null, as on our endpoints.
    """
    numbers: list[float] = []
    scales: list[float] = []
    outline = _outline(answer, SMALLEST_SCALE, numbers, scales)
    structure = json.dumps(outline, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return FlatAnswer(structure, numbers, scales)


def _outline(value: Any, least: float, numbers: list[float], scales: list[float]) -> Any:
    """Return *value* with 0 for each number, which goes to *numbers*, its scale to *scales*."""
    match value:
        case bool():
            return value
        case int() | float():
            number = _number(value)
            if number is None or abs(number) > LARGEST:
                return number
            numbers.append(number)
            scales.append(max(abs(number), least))
            return 0
        case dict():
            names = sorted(value)
            return {name: _outline(value[name], SMALLEST_SCALE, numbers, scales) for name in names}
        case list():
            least = _least_scale(value)
            return [_outline(each, least, numbers, scales) for each in value]
    return value


def _least_scale(values: list[Any]) -> float:
    found = (_number(each) for each in values if type(each) in (int, float))
    sizes = (abs(each) for each in found if each is not None)
    largest = max((size for size in sizes if size <= LARGEST), default=0.0)
    return max(SHARE_OF_LIST * largest, SMALLEST_SCALE)


def _number(value: float) -> float | None:
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
