"""When to look at an endpoint that is coming up. Pure.

A model's endpoints take about as long to start as its latest one did, so the first look comes
shortly before that. From then on, as with a model that is new, the pauses are a tenth of what has
passed: an endpoint is found ready at most that much too late.
"""

import math

from functions.common.deployments.record import Deployment, TimelineEntry
from functions.common.deployments.store import ModelState

MIN_WAIT_S = 1
MAX_WAIT_S = 15
FIRST_WAIT_S = 30
"""Longest pause before the usual start: an endpoint that fails sooner is noticed by then."""
_SHARE_OF_START = 0.7
_SHARE_OF_TIME = 0.1


def usual_start_s(state: ModelState) -> int | None:
    """Return the seconds from creation to readiness of the model's latest endpoint; None without
    one on record."""
    return next((start for each in state.deployments if (start := _start_s(each))), None)


def wait_s(waited_s: float, usual_s: int | None) -> int:
    """Return the whole seconds until the next look, *waited_s* after the endpoint's creation."""
    if usual_s and (left_s := _SHARE_OF_START * usual_s - waited_s) > MIN_WAIT_S:
        return min(FIRST_WAIT_S, math.ceil(left_s))
    return max(MIN_WAIT_S, min(MAX_WAIT_S, math.ceil(_SHARE_OF_TIME * waited_s)))


def _start_s(deployment: Deployment) -> int | None:
    """Return None for an endpoint that was not created for *deployment*, or never became ready."""
    if deployment.endpoint.adopted_from:
        return None
    created, ready = _entry(deployment, "create"), _entry(deployment, "check")
    if not (created and ready and ready.outcome == "ready"):
        return None
    return math.ceil((ready.time - created.time).total_seconds())


def _entry(deployment: Deployment, step: str) -> TimelineEntry | None:
    return next((each for each in deployment.timeline if each.step == step), None)
