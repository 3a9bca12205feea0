"""The check of an endpoint: ready, not yet, or failed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.record import Deployment, TimelineEntry
from functions.common.errors import ProviderError
from functions.common.providers.base import Endpoint, EndpointState, StartFailure
from functions.provision.tasks.readiness import Readiness
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import NOON, a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.inference_client import FakeInferenceClient
from tests.unit.provision.endpoints import URL, endpoint_of, with_endpoint
from tests.unit.provision.tasks.records import keep

CREATED = TimelineEntry(step="create", time=NOON + timedelta(seconds=100), outcome="created")
DEPLOYMENT = with_endpoint(a_deployment(timeline=(CREATED,)), endpoint_url=None)
RUNNING = endpoint_of(DEPLOYMENT)
STARTING = replace(RUNNING, state=EndpointState.STARTING, url=None, message="pulling")


class NotTrusted(FakeInferenceClient):
    """A client that refuses to send the token to the endpoint's address."""

    def healthy(self, endpoint: Endpoint) -> bool:  # noqa: ARG002 - the port's
        raise ProviderError("The model's endpoint has an address that is not trusted.")


def check(
    *endpoints: Endpoint,
    deployment: Deployment = DEPLOYMENT,
    inference: FakeInferenceClient | None = None,
    after_s: float = 0,
) -> tuple[TaskOutcome, str | None]:
    """Run the task; return the outcome and the address on record.

    *after_s* counts from the creation.
    """
    store = FakeDeploymentStore(deployment)
    readiness = Readiness(
        control=FakeEndpointControl(*endpoints),
        inference=inference or FakeInferenceClient(),
        deadline_s=900,
        now=lambda: CREATED.time + timedelta(seconds=after_s),
    )
    outcome = readiness.check(deployment)
    return outcome, keep(store, deployment, outcome).endpoint.url


def test_a_running_and_healthy_endpoint_is_ready() -> None:
    """The record then has its address."""
    assert (TaskOutcome(name="ready"), URL) == check(RUNNING)


def test_a_running_unhealthy_endpoint_is_not_ready_yet() -> None:
    """Its container runs, but the model is still loading."""
    outcome = check(RUNNING, inference=FakeInferenceClient(healthy=False))

    assert (TaskOutcome(name="waiting", details={"wait_s": 1}), None) == outcome


@pytest.mark.parametrize("state", [EndpointState.STARTING, EndpointState.ASLEEP])
def test_an_endpoint_that_is_not_running_is_not_ready_yet(state: EndpointState) -> None:
    """Until the deadline."""
    endpoint = replace(STARTING, state=state)

    waiting = TaskOutcome(name="waiting", details={"wait_s": 15})
    assert (waiting, None) == check(endpoint, after_s=899)


def test_the_next_look_is_when_the_model_usually_starts() -> None:
    """Shortly before it."""
    known = changed(DEPLOYMENT, usual_start_s=100)

    waits = [check(STARTING, deployment=known, after_s=after)[0].details for after in (45, 80)]
    assert [{"wait_s": 25}, {"wait_s": 8}] == waits


@pytest.mark.parametrize(("message", "words"), [(" pulling\n", "pulling"), ("", "nothing")])
def test_the_deadline_counts_from_the_creation(message: str, words: str) -> None:
    """The reason has the endpoint's last message; missing capacity is temporary."""
    outcome, _url = check(replace(STARTING, message=message), after_s=901)

    expected = f"The endpoint was not ready after 901 s; it last said: {words}"
    assert TaskOutcome(name="failed", reason=expected, retryable=True) == outcome


def test_without_a_creation_the_deadline_counts_from_the_record() -> None:
    """A reused endpoint was created long ago."""
    adopted = changed(DEPLOYMENT, timeline=())

    assert "waiting" == check(STARTING, deployment=adopted, after_s=799)[0].name
    assert "failed" == check(STARTING, deployment=adopted, after_s=801)[0].name


def test_an_endpoint_that_never_gets_healthy_fails_permanently() -> None:
    """Its container runs, but its health route does not answer."""
    endpoint = replace(RUNNING, health_route="/ping")

    outcome, _url = check(endpoint, inference=FakeInferenceClient(healthy=False), after_s=900)

    expected = (
        "The endpoint has been running, but its health route /ping did not answer well within "
        "900 s: the model's server is unhealthy."
    )
    assert TaskOutcome(name="failed", reason=expected) == outcome


def test_a_failed_start_quotes_the_end_of_the_log() -> None:
    """The cause is in the last 1,000 characters."""
    message = "Exit code: 3. Reason: " + "x" * 2000 + "No module named 'skops'"

    outcome, _url = check(replace(RUNNING, state=EndpointState.FAILED, message=message))

    assert outcome.reason
    assert outcome.reason.startswith("The endpoint failed to start: x")
    assert outcome.reason.endswith("No module named 'skops'")
    assert len(outcome.reason) < 1100


def failed_start(message: str, failure: StartFailure) -> Endpoint:
    return replace(RUNNING, state=EndpointState.FAILED, message=message, failure=failure)


@pytest.mark.parametrize(
    ("endpoints", "words", "retryable"),
    [
        ([], "gone", True),
        ([replace(RUNNING, state=EndpointState.PAUSED)], "paused", True),
        ([failed_start("", StartFailure.NO_MACHINE)], "did not say why", True),
        ([failed_start("No capacity", StartFailure.NO_MACHINE)], "capacity", True),
        ([failed_start("No module named 'skops'", StartFailure.EXITED)], "skops", False),
        ([replace(RUNNING, revision="b" * 40)], "another revision", False),
    ],
)
def test_a_failed_endpoint_fails_at_once(
    endpoints: list[Endpoint], words: str, retryable: bool
) -> None:
    """Without waiting for the deadline; a container that exited would do so again."""
    outcome, url = check(*endpoints)

    assert ("failed", None, retryable) == (outcome.name, url, outcome.retryable)
    assert words in (outcome.reason or "")


def test_a_killed_container_is_reported_as_out_of_memory() -> None:
    """The provider's message has only the exit code."""
    outcome, _url = check(failed_start("Exit code: 137. Reason: ", StartFailure.KILLED))

    expected = (
        "The endpoint failed to start: Exit code: 137. Reason: (137: killed from outside, nearly "
        "always for want of memory. Set the tag hokus.instance_size to a larger size and deploy "
        "the version again, or make the model smaller.)"
    )
    assert TaskOutcome(name="failed", reason=expected) == outcome


def test_an_address_that_is_not_trusted_fails() -> None:
    """Neither the token nor a prediction is sent there."""
    outcome, url = check(RUNNING, inference=NotTrusted())

    assert ("failed", None) == (outcome.name, url)
    assert "not trusted" in (outcome.reason or "")
