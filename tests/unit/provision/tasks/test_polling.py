"""Looks at an endpoint that is coming up: soon after it is ready, and not too many."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.deployments.record import Deployment, TimelineEntry
from functions.common.deployments.store import ModelState
from functions.provision.tasks.polling import FIRST_WAIT_S, MIN_WAIT_S, usual_start_s, wait_s
from tests.builders import NOON, a_deployment


def a_start(seconds: float, *, outcome: str = "ready", **values: Any) -> Deployment:
    """Return a deployment whose endpoint took *seconds* to start."""
    times = {"create": (NOON, "created"), "check": (NOON + timedelta(seconds=seconds), outcome)}
    timeline = (
        TimelineEntry(step=step, time=time, outcome=words) for step, (time, words) in times.items()
    )
    return a_deployment(timeline=tuple(timeline), **values)


def usual(*newest_first: Deployment) -> int | None:
    return usual_start_s(
        ModelState(model_id="iris", deployments=newest_first, live_id=None, desired=None)
    )


def looks(starts_in_s: float, usual_s: int | None) -> list[float]:
    """Return the seconds after the creation at which an endpoint is looked at until it is ready."""
    found = [float(wait_s(0, usual_s))]
    while found[-1] < starts_in_s:
        found.append(found[-1] + wait_s(found[-1], usual_s))
    return found


@given(st.floats(1, 3600), st.one_of(st.none(), st.integers(1, 3600)))
def test_an_endpoint_is_found_ready_in_time(starts_in_s: float, usual_s: int | None) -> None:
    """A tenth late at most, or a second; sooner than it usually starts, the first pause late."""
    late_s = looks(starts_in_s, usual_s)[-1] - starts_in_s

    if usual_s is None or starts_in_s >= 0.7 * usual_s:
        assert late_s <= max(MIN_WAIT_S, 0.1 * starts_in_s) + 1
    assert late_s <= FIRST_WAIT_S


@pytest.mark.parametrize(
    ("starts_in_s", "usual_s", "most"),
    [(40, None, 25), (40, 40, 6), (240, None, 45), (240, 250, 12)],
)
def test_looks_are_few(starts_in_s: float, usual_s: int | None, most: int) -> None:
    """Of a model that has started before, a handful."""
    assert len(looks(starts_in_s, usual_s)) <= most


def test_the_latest_start_counts() -> None:
    """Not one that failed, that never was, or of another's endpoint."""
    failed = a_start(500, outcome="failed")
    adopted = a_start(2, adopted_from="d-0")

    assert usual(failed, adopted, a_deployment(), a_start(41.2), a_start(90)) == 42
    assert usual(failed) is None
