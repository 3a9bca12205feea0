"""The distance of one answer from another. Pure."""

from dataclasses import dataclass
from typing import Any

from functions.common.answers.flat_answer import flattened


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two answers.

    Attributes:
        same_structure: All but their numbers is equal.
        largest: The largest difference of two numbers, as a share of the number's scale (see
            `flat_answer`); None where the structures differ, or hold no number.
    """

    same_structure: bool
    largest: float | None

    def within(self, tolerance: float) -> bool:
        """Return whether the answers are equal within *tolerance*."""
        return self.same_structure and (self.largest or 0.0) <= tolerance


def difference(reference: Any, answer: Any) -> Difference:
    """Return how far the JSON value *answer* is from *reference*."""
    expected, found = flattened(reference), flattened(answer)
    if expected.structure != found.structure:
        return Difference(same_structure=False, largest=None)
    numbers = zip(expected.numbers, found.numbers, expected.scales, strict=True)
    return Difference(
        same_structure=True,
        largest=max((abs(one - other) / scale for one, other, scale in numbers), default=None),
    )
