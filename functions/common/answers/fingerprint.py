"""The fingerprint of an answer: 1.5 kB at most, by which another answer is compared. Pure.

It is a SHA-256 of the answer's structure, and up to 64 sums of its numbers. Number i is added, with
a fixed weight between a half and one, to the sum i modulo 64; beside each sum stands that of the
scales, with the same weights. An answer agrees with a *reference* when the structures are equal and
each sum differs from the reference's by at most tolerance times the sum of scales.

- Answers whose numbers all agree within the tolerance (see `flat_answer`) always agree.
- Up to 64 numbers are compared one by one.
- Beyond, a change of one number is seen for certain if it is more than 2 times tolerance times the
  scales of all numbers in its sum: of 6,400 numbers of like size, 2 % of one. Smaller changes, and
  such that cancel each other out within a sum, can be missed; the weights make that a coincidence.

Numbers of short answers can be read from a fingerprint, and a short text can be guessed. What the
fingerprints are kept of are the answers to input examples, which every caller is shown.
"""

import math
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from struct import iter_unpack, pack
from typing import Any, Self

from functions.common.answers.flat_answer import flattened

SUMS = 64
_FORM = "1"
"""Form of the text and of its computation; fingerprints of another form are not compared."""
_SEED = 64
_ROUNDING = 1e-15
"""Share of the scales that the 64-bit products in a sum are off by at most."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The knowledge of an answer that is kept.

    Attributes:
        structure: SHA-256, as hexadecimal digits.
        sums: Weighted sums of the numbers, as many as there are numbers, at most `SUMS`.
        scales: Sums of their scales with the same weights.
    """

    structure: str
    sums: tuple[float, ...]
    scales: tuple[float, ...]

    @classmethod
    def of(cls, answer: Any) -> Self:
        """Return the fingerprint of a JSON value."""
        flat = flattened(answer)
        structure = sha256(flat.structure.encode()).hexdigest()
        return cls(structure, _sums(flat.numbers), _sums(flat.scales))

    @classmethod
    def parsed(cls, text: str) -> Self | None:
        """Return the fingerprint whose `text` this is; None if it is of another form."""
        form, *parts = text.split(":")
        if form != _FORM:
            return None
        structure, numbers = parts
        pairs = tuple(iter_unpack("<dd", b64decode(numbers)))
        return cls(structure, tuple(a for a, _ in pairs), tuple(b for _, b in pairs))

    @property
    def text(self) -> str:
        """The fingerprint as it is stored."""
        pairs = zip(self.sums, self.scales, strict=True)
        numbers = b"".join(pack("<dd", *pair) for pair in pairs)
        return f"{_FORM}:{self.structure}:{b64encode(numbers).decode()}"

    def agrees_with(self, reference: Self, tolerance: float) -> bool:
        """Return whether an answer of this fingerprint is the one of *reference*, whose numbers it
        may miss by *tolerance* as a share of their sizes."""
        if self.structure != reference.structure:
            return False
        expected = zip(self.sums, reference.sums, reference.scales, strict=True)
        allowed = tolerance + _ROUNDING
        return all(abs(own - other) <= allowed * scale for own, other, scale in expected)


def _sums(numbers: Sequence[float]) -> tuple[float, ...]:
    # Python promises the same sequence of `random` for a seed in all its versions.
    weights = Random(_SEED)  # noqa: S311 - nothing secret
    weighted = [number * (0.5 + weights.random() / 2) for number in numbers]
    return tuple(math.fsum(weighted[start::SUMS]) for start in range(min(SUMS, len(weighted))))
