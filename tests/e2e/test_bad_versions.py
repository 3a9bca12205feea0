"""A bad version never reaches a caller, whatever is wrong with it.

Given three models that serve and clients that call them all the time, when versions with fifteen
kinds of fault are registered on top of them, then each version fails with a reason that names its
fault, its endpoint is deleted, and every call is answered correctly by the version that served
before.
"""

from concurrent.futures import Future

import pytest

from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.bad_version_rollout import BadVersionRollout
from tests.e2e.support.bad_versions import BAD_VERSIONS, BadVersion

pytestmark = pytest.mark.begun_early("started_rollout")


@pytest.fixture
def rollout(started_rollout: Future[BadVersionRollout]) -> BadVersionRollout:
    """Wait until the deployments of all bad versions have ended."""
    return started_rollout.result()


@pytest.mark.parametrize("bad_version", BAD_VERSIONS, ids=str)
def test_a_bad_version_fails_for_its_fault(
    rollout: BadVersionRollout, bad_version: BadVersion
) -> None:
    """The reason names the fault, and the endpoint is deleted."""
    outcome = rollout.outcomes[bad_version.name]

    reason = str(outcome.deployment["reason"])
    assert "failed" == outcome.deployment["status"], outcome.deployment
    assert [] == [text for text in bad_version.reason if text not in reason], reason
    assert outcome.endpoint_is_deleted


def test_every_call_meanwhile_was_answered_correctly(rollout: BadVersionRollout) -> None:
    """All calls succeeded, with the predictions of the version that served before."""
    assert [] == rollout.traffic.errors
    assert rollout.traffic.calls > len(BAD_VERSIONS)


def test_the_good_version_still_serves(rollout: BadVersionRollout, client: ApiClient) -> None:
    """It keeps its deployment and its endpoint, which is the model's only one."""
    endpoints = list(client.endpoints())

    for model, live in rollout.live.items():
        serving = client.serving_deployment(model)
        assert serving is not None
        assert live.deployment["id"] == serving["id"]
        remaining = [name for name in endpoints if name.startswith(f"hokus-{model}-")]
        assert client.endpoints_of(live.deployment) == remaining
