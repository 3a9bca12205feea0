"""Which events of a deployment are due. Pure.

A record says by `announced` up to which status people and systems have heard of it.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.deployments.store import ModelState
from functions.provision.announcements.event import Event, EventKind

_ANNOUNCED = {Status.DEPLOYED, Status.STOPPED, Status.FAILED}
_RECONCILER = "reconciler"


def is_due(deployment: Deployment) -> bool:
    """Return whether the deployment's status has not been announced, and is one that is."""
    unheard = deployment.announced is not deployment.status
    return unheard and deployment.status in _ANNOUNCED and not deployment.expiration


def due_events(deployment: Deployment, state: ModelState) -> Iterator[Event]:
    """Yield the events of *deployment*, one of *state*, that nobody has heard of, in their order.

    A deployment that ended before it served, because nobody wanted it any more, has none, and so
    has one that another one has replaced: that one has. What came of a comparison is announced of
    each that has ended one.
    """
    began_at = _began_to_serve(deployment)
    if deployment.announced is None:
        yield from _compared(deployment)
    if began_at and deployment.announced is None:
        yield _serving(deployment, state, began_at)
    match deployment.status:
        case Status.FAILED:
            yield _ended(EventKind.MODEL_FAILED, deployment, _requested_by(deployment))
            yield from _serving_again(deployment, state)
        case Status.STOPPED if began_at and not _is_replaced(deployment, state):
            yield _ended(EventKind.MODEL_UNDEPLOYED, deployment, _undeployed_by(state))


def _compared(deployment: Deployment) -> Iterator[Event]:
    """Yield the event of a comparison of answers; it comes when the deployment's fate is known."""
    for entry in deployment.timeline:
        if result := entry.agreement:
            subject = f"Model {deployment.model_id}: version {deployment.model_version}"
            figures = {
                "mode": result.mode.value,
                "held": result.held,
                "live_version": result.version,
                "calls": result.calls,
                "agreeing": result.agreeing,
                "errors": result.errors,
                "largest_difference": result.largest_difference,
                "latency_ratio": result.latency_ratio,
                "of_example": result.of_example,
            }
            facts = _facts(deployment, _requested_by(deployment)) | {"agreement": figures}
            # The event of the failure has it.
            facts["reason"] = None
            yield Event(
                kind=EventKind.MODEL_AGREEMENT,
                subject=deployment.id,
                time=entry.time,
                summary=f"{subject} was compared with version {result.version}: {entry.outcome}.",
                facts=facts,
            )


def _serving(deployment: Deployment, state: ModelState, at: datetime) -> Event:
    replaced = state.deployment(deployment.replaced_id)
    earlier = replaced.model_version if replaced else None
    subject = f"Model {deployment.model_id}: version {deployment.model_version}"
    if earlier and earlier != deployment.model_version and _served_before(deployment, state):
        kind, summary = EventKind.MODEL_ROLLED_BACK, f"{subject} serves again, not {earlier}."
    elif earlier:
        kind, summary = EventKind.MODEL_LIVE, f"{subject} is live, in place of {earlier}."
    else:
        kind, summary = EventKind.MODEL_LIVE, f"{subject} is live."
    facts = _facts(deployment, _requested_by(deployment)) | {"replaced_version": earlier}
    # What became of it later is no reason for this.
    facts["reason"] = None
    return Event(kind=kind, subject=deployment.id, time=at, summary=summary, facts=facts)


def _serving_again(deployment: Deployment, state: ModelState) -> Iterator[Event]:
    """Yield the event of the version that serves again, if *deployment* was taken back for it.

    It is due with the end of that one, which comes once; a version may serve again several times.
    """
    earlier = state.deployment(deployment.replaced_id)
    if earlier is None or not deployment.was_taken_back:
        return
    subject = f"Model {deployment.model_id}: version {earlier.model_version}"
    facts = _facts(earlier, {"kind": _RECONCILER, "user_id": None})
    yield Event(
        kind=EventKind.MODEL_ROLLED_BACK,
        subject=f"{deployment.id}:taken_back",
        time=deployment.updated_at,
        summary=f"{subject} serves again, not {deployment.model_version}: {deployment.reason}",
        facts=facts | {"reason": deployment.reason, "replaced_version": deployment.model_version},
    )


def _ended(kind: EventKind, deployment: Deployment, requested_by: dict[str, str | None]) -> Event:
    what = "has failed" if kind is EventKind.MODEL_FAILED else "does not serve any more"
    subject = f"Model {deployment.model_id}: version {deployment.model_version}"
    return Event(
        kind=kind,
        subject=deployment.id,
        time=deployment.updated_at,
        summary=f"{subject} {what}: {deployment.reason}",
        facts=_facts(deployment, requested_by),
    )


def _facts(deployment: Deployment, requested_by: dict[str, str | None]) -> dict[str, Any]:
    return {
        "model": deployment.model_id,
        "version": deployment.model_version,
        "deployment_id": deployment.id,
        "reason": deployment.reason,
        "requested_by": requested_by,
    }


def _requested_by(deployment: Deployment) -> dict[str, str | None]:
    """Return who asked for *deployment*: after a first attempt, the reconciler."""
    asked = deployment.origin.value if deployment.attempt == 1 else _RECONCILER
    return {"kind": asked, "user_id": deployment.user_id}


def _undeployed_by(state: ModelState) -> dict[str, str | None]:
    desired = state.desired
    if desired and desired.deployment_id is None and desired.origin is RequestedBy.OPERATOR:
        return {"kind": RequestedBy.OPERATOR.value, "user_id": desired.user_id}
    return {"kind": RequestedBy.REGISTRY.value, "user_id": None}


def _began_to_serve(deployment: Deployment) -> datetime | None:
    times = [each.time for each in deployment.timeline if each.begins_to_serve]
    if not times and deployment.status is Status.DEPLOYED:
        return deployment.updated_at
    return max(times, default=None)


def _served_before(deployment: Deployment, state: ModelState) -> bool:
    """Return whether an earlier deployment of the same registered version has served."""
    return any(
        each.created_at < deployment.created_at
        and each.model_version == deployment.model_version
        and each.registered_at == deployment.registered_at
        and _began_to_serve(each) is not None
        for each in state.deployments
    )


def _is_replaced(deployment: Deployment, state: ModelState) -> bool:
    """Return whether another one has replaced *deployment*, and was not taken back for it."""
    return any(
        each.replaced_id == deployment.id and not each.was_taken_back for each in state.deployments
    )
