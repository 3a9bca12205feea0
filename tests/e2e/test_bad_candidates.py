"""Bad versions of live models, one after another, while clients call those models all the time."""

from concurrent.futures import Future

import pytest

from tests.e2e.candidates import CANDIDATES, Candidate
from tests.e2e.client import Client
from tests.e2e.trial import Trial

pytestmark = pytest.mark.begun_early("trial_begun")


@pytest.fixture
def trial(trial_begun: Future[Trial]) -> Trial:
    """All candidates have ended."""
    return trial_begun.result()


@pytest.mark.parametrize("candidate", CANDIDATES, ids=str)
def test_a_bad_candidate_fails_for_its_cause(trial: Trial, candidate: Candidate) -> None:
    """The reason names it, and its endpoint is deleted."""
    verdict = trial.verdicts[candidate.name]

    reason = str(verdict.deployment["reason"])
    assert "failed" == verdict.deployment["status"]
    assert [] == [words for words in candidate.words if words not in reason], reason
    assert verdict.endpoint_is_gone


def test_no_client_has_noticed(trial: Trial) -> None:
    """Every answer was the good version's, and right."""
    assert [] == trial.traffic.wrong
    assert trial.traffic.calls > len(CANDIDATES)


def test_the_good_version_still_serves(trial: Trial, client: Client) -> None:
    """On its own endpoint, which is the only one that is left of each model."""
    names = list(client.endpoints())
    for model, live in trial.live.items():
        serving = client.serving(model)
        assert serving is not None
        assert live.deployment["id"] == serving["id"]
        left = [name for name in names if name.startswith(f"hokus-{model}-")]
        assert client.endpoints_of(live.deployment) == left
