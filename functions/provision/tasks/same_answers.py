"""Keeping the fingerprint of a model's answer to its input example. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from functions.common.answers.fingerprint import Fingerprint
from functions.common.deployments.record import PackageRecord

TAG = "hokus.answers"
"""On the version or on the registered model; the version's counts."""
_VARY = "vary"
VARYING = "its answers are not deterministic: they are not compared later"
CHANGED = (
    "The endpoint answers the input example otherwise than when it was verified before, though it "
    "serves the same files."
)


def said_to_vary(tags: Mapping[str, str]) -> bool:
    """Return whether a version with these *tags* has answers that change with time: slowly enough
    for verification not to see it."""
    return tags.get(TAG, "").strip().lower() == _VARY


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
