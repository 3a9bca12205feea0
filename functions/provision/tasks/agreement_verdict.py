"""The outcome of a comparison: in words, and what it says against the candidate. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.common.agreements.tally import Tally
from functions.common.deployments.agreement import AgreementMode, AgreementResult
from functions.common.deployments.record import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementBounds:
    """Bounds that a candidate is held to; see `AgreementSettings`."""

    min_share: float
    max_error_share: float
    max_latency_ratio: float


def result_of(
    tally: Tally, mode: AgreementMode, live: Deployment, *, of_example: bool
) -> AgreementResult:
    """Return the outcome of the comparison with *live*."""
    return AgreementResult(
        mode=mode,
        version=live.model_version,
        calls=tally.calls,
        agreeing=tally.agreeing,
        errors=tally.errors,
        largest_difference=None if tally.difference is None else f"{tally.difference:.2g}",
        live_ms=tally.live_ms,
        candidate_ms=tally.candidate_ms,
        of_example=of_example,
    )


def in_words(result: AgreementResult) -> str:
    """Return one line for people, which begins with the mode."""
    if not result.calls:
        return f"{result.mode}: no call could be compared with version {result.version}"
    return f"{result.mode}: {', '.join(_figures(result))}"


def reason_to_hold(result: AgreementResult, bounds: AgreementBounds) -> str | None:
    """Return why the candidate is held back; None when it is not."""
    if result.mode is not AgreementMode.HOLD or not result.calls:
        return None
    faults = [*_faults(result, bounds)]
    if not faults:
        return None
    return (
        f"Its answers are too far from those of version {result.version}, which is live: "
        f"{'; '.join(faults)}. In all: {', '.join(_figures(result))}. To let it go live all the "
        "same, set the tag hokus.agreement=off or hokus.agreement=report and deploy the version "
        "again."
    )


def _figures(result: AgreementResult) -> Iterator[str]:
    if result.of_example:
        agrees = "agrees" if result.agreeing else "does not agree"
        yield f"no call came, and the input example {agrees} with version {result.version}"
    else:
        yield f"{result.agreeing} of {result.calls} calls agree with version {result.version}"
    if result.errors:
        yield f"{result.errors} got no answer"
    if result.largest_difference not in {None, "0"}:
        yield f"largest difference {result.largest_difference}"
    if (ratio := result.latency_ratio) is not None:
        yield f"{ratio:.2f} times as long"


def _faults(result: AgreementResult, bounds: AgreementBounds) -> Iterator[str]:
    agreeing, errors = result.agreeing / result.calls, result.errors / result.calls
    if agreeing < bounds.min_share:
        yield f"{_percent(agreeing)} of them agree, and {_percent(bounds.min_share)} must"
    if errors > bounds.max_error_share:
        yield f"{_percent(errors)} got none, and {_percent(bounds.max_error_share)} may"
    if (ratio := result.latency_ratio) is not None and ratio > bounds.max_latency_ratio:
        yield f"they took {ratio:.2f} times as long, and {bounds.max_latency_ratio:g} are allowed"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
