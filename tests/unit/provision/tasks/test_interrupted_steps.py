"""The name of a step that died without a result."""

from typing import Any

import pytest

from functions.common.deployments.record import TimelineEntry
from functions.provision.removal import Removal
from functions.provision.tasks.clean_up import CleanUp
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl

TIMEOUT = {"Error": "States.Timeout"}


def reason(failure: Any, *done: str, adopted_from: str | None = None) -> str | None:
    """Return the record's reason if *failure* was caught after the steps *done*."""
    timeline = tuple(TimelineEntry(step=step, time=NOON, outcome="done") for step in done)
    deployment = a_deployment(timeline=timeline, adopted_from=adopted_from)
    store = FakeDeploymentStore(deployment)
    removal = Removal(store=store, control=FakeEndpointControl(), namespace="acme")
    CleanUp(store=store, removal=removal).clean_up(deployment, {"failure": failure})
    return store.deployments[deployment.id].reason


@pytest.mark.parametrize(
    ("done", "adopted_from", "step"),
    [
        ((), None, "The step validate"),
        (("validate",), None, "The step package"),
        (("validate", "package"), None, "The step create"),
        (("validate",), "earlier", "The step check"),
        (("validate", "package", "create", "check"), None, "The step verify"),
        (("validate", "check", "verify"), "earlier", "The step activate"),
        (("validate", "package", "create", "check", "verify", "activate"), None, "A step"),
    ],
)
def test_the_step_follows_from_those_that_were_done(
    done: tuple[str, ...], adopted_from: str | None, step: str
) -> None:
    """A deployment that reuses an endpoint is neither packaged nor created."""
    expected = f"{step} could not be completed after several attempts (States.Timeout)."

    assert expected == reason(TIMEOUT, *done, adopted_from=adopted_from)


@pytest.mark.parametrize(
    "message",
    [
        "https://internal.test said: No",
        "create: https://internal.test said no",
        "RequestId: 1f0c Error: Runtime exited with error: signal: killed",
        "2026-11-22T12:00:00Z Task timed out after 30 seconds",
    ],
)
def test_other_messages_are_not_quoted(message: str) -> None:
    """They can contain URLs; only errors in our own tasks' form are quoted."""
    cause = f'{{"errorMessage": "{message}"}}'

    expected = "The step validate could not be completed after several attempts (Exception)."
    assert expected == reason({"Error": "Exception", "Cause": cause})
