"""Keeping the fingerprint of a model's answer to its input example. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from functions.common.answers.fingerprint import Fingerprint
from functions.common.deployments.record import PackageRecord

VARYING = "its answers are not deterministic: they are not compared later"
CHANGED = (
    "The endpoint answers the input example otherwise than when it was verified before, and serves "
    "the same files. It is replaced by a new one."
)


def with_answers(
    package: PackageRecord, answers: Sequence[Fingerprint], tolerance: float
) -> PackageRecord | None:
    """Return *package* with what its *answers* to one example say of it; None if they are other
    answers than those that were kept of it."""
    first = answers[0]
    agree = all(each.agrees_with(first, tolerance) for each in answers)
    if package.answers_vary or not agree:
        return replace(package, answer_fingerprint=None, answers_vary=True)
    kept = Fingerprint.parsed(package.answer_fingerprint or "")
    if kept is None:
        return replace(package, answer_fingerprint=first.text)
    return package if first.agrees_with(kept, tolerance) else None
