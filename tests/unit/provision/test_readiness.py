"""When an endpoint counts as ready, and when to give up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.common.deployments.record import TimelineEntry
from functions.common.errors import ProviderError
from functions.common.providers.base import Endpoint, EndpointState
from functions.provision.names import endpoint_name, tags
from functions.provision.readiness import Readiness
from functions.provision.tasks import Outcome
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.inference_client import FakeInferenceClient

CREATED = TimelineEntry(step="create", time=NOON + timedelta(seconds=100), outcome="created")
DEPLOYMENT = a_deployment(revision="a" * 40, timeline=(CREATED,))
URL = "https://x.us-east-1.aws.endpoints.huggingface.cloud"
RUNNING = Endpoint(
    name=endpoint_name(DEPLOYMENT.model_id, DEPLOYMENT.id),
    state=EndpointState.RUNNING,
    url=URL,
    message="Endpoint is ready",
    repository="acme/x",
    revision="a" * 40,
    tags=tags(DEPLOYMENT.id),
    access="authenticated",
)
STARTING = replace(RUNNING, state=EndpointState.STARTING, url=None, message="pulling")


class NotTrusted(FakeInferenceClient):
    """Refuses to send the token to the endpoint's address."""

    def healthy(self, endpoint: Endpoint) -> bool:  # noqa: ARG002 - the port's
        raise ProviderError("The model's endpoint has an address that is not trusted.")


def check(
    *endpoints: Endpoint,
    inference: FakeInferenceClient | None = None,
    after_s: float = 0,
) -> tuple[Outcome, str | None]:
    """The outcome, and the address on record afterwards; *after_s* counts from the creation."""
    store = FakeDeploymentStore(DEPLOYMENT)
    readiness = Readiness(
        store=store,
        control=FakeEndpointControl(*endpoints),
        inference=inference or FakeInferenceClient(),
        deadline_s=900,
        now=lambda: CREATED.time + timedelta(seconds=after_s),
    )
    return readiness.check(DEPLOYMENT), store.deployments[DEPLOYMENT.id].endpoint_url


def test_running_and_healthy_is_ready() -> None:
    """From then on the record has its address."""
    assert (Outcome(name="ready"), URL) == check(RUNNING)


def test_a_running_endpoint_that_is_not_healthy_is_waited_for() -> None:
    """Its container runs, but the model is still loading."""
    outcome = check(RUNNING, inference=FakeInferenceClient(healthy=False))

    assert (Outcome(name="waiting"), None) == outcome


@pytest.mark.parametrize("state", [EndpointState.STARTING, EndpointState.ASLEEP])
def test_what_is_not_running_is_waited_for(state: EndpointState) -> None:
    """Until the deadline."""
    endpoint = replace(STARTING, state=state)

    assert (Outcome(name="waiting"), None) == check(endpoint, after_s=899)


def test_the_deadline_counts_from_the_creation() -> None:
    """And says what the endpoint last said."""
    outcome, _url = check(STARTING, after_s=901)

    expected = "The endpoint was not ready after 901 s; it last said: pulling"
    assert Outcome(name="failed", reason=expected) == outcome


def test_a_failed_start_tells_the_end_of_its_log() -> None:
    """The last 1,000 characters are where the cause stands."""
    message = "Exit code: 3. Reason: " + "x" * 2000 + "No module named 'skops'"

    outcome, _url = check(replace(RUNNING, state=EndpointState.FAILED, message=message))

    assert outcome.reason
    assert outcome.reason.startswith("The endpoint failed to start: x")
    assert outcome.reason.endswith("No module named 'skops'")
    assert len(outcome.reason) < 1100


@pytest.mark.parametrize(
    ("endpoints", "words"),
    [
        ([], "gone"),
        ([replace(RUNNING, state=EndpointState.PAUSED)], "paused"),
        ([replace(RUNNING, state=EndpointState.FAILED, message="")], "did not say why"),
        ([replace(RUNNING, revision="b" * 40)], "another revision"),
    ],
)
def test_what_waiting_cannot_mend_fails(endpoints: list[Endpoint], words: str) -> None:
    """At once, not at the deadline."""
    outcome, url = check(*endpoints)

    assert ("failed", None) == (outcome.name, url)
    assert words in (outcome.reason or "")


def test_an_address_that_is_not_trusted_fails() -> None:
    """Our token is not sent there, and no prediction either."""
    outcome, url = check(RUNNING, inference=NotTrusted())

    assert ("failed", None) == (outcome.name, url)
    assert "not trusted" in (outcome.reason or "")
