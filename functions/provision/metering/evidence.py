"""When an endpoint fell asleep, woke, was stopped or deleted between two looks at it.

By what is known exactly: the provider's own times, the deployment's record, and what predictions
have written of the endpoint into the state that they share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.common.circuits.state import CircuitState, Phase
from functions.common.deployments.record import Deployment
from functions.common.providers.base import Endpoint, EndpointState

DELETION_TAKES = timedelta(minutes=2)
"""A deleted endpoint is still shown for some seconds."""
FAILED_START_TAKES = timedelta(seconds=400)
"""The longest that was seen, where no machine was free."""
WAKE_UP_S = 40.0
"""Seconds that were measured for small CPU models."""
_SAME_MOMENT = timedelta(seconds=1)
"""Between an endpoint's creation and the first time of its last change lie microseconds."""
_BEFORE_THE_ENDPOINT = ("validate", "package")
"""Steps of a timeline that end before there is an endpoint."""

type ReadCircuit = Callable[[str], CircuitState | None]
"""Returns the circuit of a deployment by its id; None when it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Times of changes that nobody has looked at; None: not known."""

    stopped_at: datetime | None = None
    started_at: datetime | None = None
    sleeps_at: datetime | None = None


def evidence_of(
    endpoint: Endpoint,
    deployment: Deployment | None,
    read_circuit: ReadCircuit,
    *,
    was_at_rest: bool,
) -> Evidence:
    """Return when *endpoint*, which stands, fell asleep or was paused, and when it started again.

    Circuits are read only where it may have slept: while it may not, and did not rest when it was
    last seen (*was_at_rest*), whoever paused or resumed it is the only cause, and the provider says
    when. A start that failed has done so within `FAILED_START_TAKES`.
    """
    idle_min = endpoint.hardware.scale_to_zero_after_min if endpoint.hardware else None
    may_sleep = endpoint.hardware is None or endpoint.hardware.min_replicas == 0
    asleep = endpoint.state is EndpointState.ASLEEP
    slept = may_sleep or asleep or was_at_rest
    circuit = read_circuit(deployment.id) if deployment and slept else None
    last_use = _latest(endpoint.last_used_at, _moment(circuit.answered_at) if circuit else None)
    sleeps_at = None
    if may_sleep and last_use and idle_min is not None:
        sleeps_at = last_use + timedelta(minutes=idle_min)
    touched_at = _touched_at(endpoint)
    woken_at = _woken_at(circuit) if circuit else None
    if endpoint.state is EndpointState.PAUSED:
        return Evidence(stopped_at=touched_at)
    if endpoint.state is EndpointState.FAILED and endpoint.created_at:
        return Evidence(stopped_at=endpoint.created_at + FAILED_START_TAKES)
    if asleep:
        # Somebody may have put it to sleep before its time.
        by_hand = touched_at if touched_at and last_use and touched_at > last_use else None
        return Evidence(stopped_at=by_hand or sleeps_at, started_at=woken_at, sleeps_at=sleeps_at)
    return Evidence(started_at=_latest(touched_at, woken_at), sleeps_at=sleeps_at)


def created_at(deployment: Deployment) -> datetime | None:
    """Return about when the endpoint of *deployment* was created; None when it never was."""
    if deployment.endpoint.name is None:
        return None
    times = {entry.step: entry.time for entry in deployment.timeline}
    before = [times[step] for step in _BEFORE_THE_ENDPOINT if step in times]
    return times.get("create") or max(before, default=None)


def removed_at(deployment: Deployment) -> datetime | None:
    """Return when the endpoint of *deployment* was deleted; None when it was not by us.

    Records of earlier releases say only that it is gone, and when they were last written.
    """
    endpoint = deployment.endpoint
    return endpoint.removing_at or (deployment.updated_at if endpoint.removed else None)


def gone_at(deployment: Deployment | None, *, seen_at: datetime) -> datetime | None:
    """Return when an endpoint that was last *seen_at*, and is gone, was deleted; None: not known.

    It may have been seen while its deletion was under way.
    """
    removed = removed_at(deployment) if deployment else None
    if removed and seen_at - DELETION_TAKES <= removed <= seen_at:
        return seen_at
    return removed


def _touched_at(endpoint: Endpoint) -> datetime | None:
    """Return when somebody last paused, resumed or changed it; its creation is no change."""
    updated, created = endpoint.updated_at, endpoint.created_at
    same = updated and created and updated - created < _SAME_MOMENT
    return None if same else updated


def _woken_at(circuit: CircuitState) -> datetime | None:
    """Return when a call woke the endpoint last, as far as the circuit still shows it."""
    if circuit.phase is Phase.WARMING:
        return _moment(circuit.since)
    if circuit.phase is Phase.CLOSED:
        took_s = WAKE_UP_S if circuit.wake_s is None else circuit.wake_s
        return _moment(circuit.since - took_s)
    return None


def _moment(unix_s: float) -> datetime | None:
    return datetime.fromtimestamp(unix_s, UTC) if unix_s > 0 else None


def _latest(*moments: datetime | None) -> datetime | None:
    return max((each for each in moments if each), default=None)
