"""A model that sleeps, or was paused at Hugging Face, comes back when it is called.

Given a live model, when its endpoint scales to zero and many callers come at once, then they are
asked to retry, one at a time wakes it up, and all are served later. A caller who prefers to wait
gets the answer in the same call. When somebody pauses the endpoint, then the first call has it
resumed.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
import pytest

from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.registered_models import RegisteredVersion
from tests.e2e.support.waiting import eventually

CALLERS = 8
"""Each call starts an execution environment of its own, which is most of the work."""
PROBE_INTERVAL_S = 4
MODEL = "greeter"


class SleepingModel:
    """A model whose endpoint the tests put to sleep or pause."""

    def __init__(self, registered: RegisteredVersion, endpoint: str) -> None:
        self.endpoint = endpoint
        self._registered = registered

    def call(self, client: ApiClient, **headers: str) -> httpx.Response:
        """Send one prediction."""
        body = self._registered.body
        return client.http.post(f"models/{MODEL}/predict", json=body, headers=headers)

    def predicts(self, client: ApiClient, **headers: str) -> bool:
        """Return whether it predicts; fail on anything but a right answer or a 503 to retry."""
        answer = self.call(client, **headers)
        if answer.status_code == httpx.codes.OK:
            assert self._registered.predictions == answer.json()["predictions"]
            return True
        assert_asks_to_retry(answer)
        return False


@pytest.fixture
def sleeping_model(
    client: ApiClient,
    operator: ApiClient,
    documented: dict[str, RegisteredVersion],
    undisturbed: None,  # noqa: ARG001 - calls wake models up
) -> SleepingModel:
    """The model, awake, and called by no one else."""
    serving = operator.serving_deployment(MODEL)
    assert serving is not None
    (endpoint,) = operator.endpoints_of(serving)
    model = SleepingModel(documented[MODEL], endpoint)
    assert eventually(lambda: model.predicts(client))
    return model


def assert_asks_to_retry(answer: httpx.Response) -> None:
    """Check for a 503 with a code that passes, and `Retry-After`."""
    assert 503 == answer.status_code, answer.text
    assert answer.json()["code"] in {"model_warming_up", "model_not_ready"}, answer.text
    assert int(answer.headers["Retry-After"]) >= 1


def test_many_callers_wake_a_model_up_with_one_probe_at_a_time(
    client: ApiClient, provider: ProviderConsole, sleeping_model: SleepingModel
) -> None:
    """All are asked to retry, the endpoint gets one call per interval, and then all succeed."""
    calls_before = len(provider.unanswered_call_times(sleeping_model.endpoint))
    provider.scale_to_zero(sleeping_model.endpoint)

    with ThreadPoolExecutor(CALLERS) as pool:
        served = list(pool.map(lambda _: sleeping_model.predicts(client), range(CALLERS)))
    assert not all(served)
    assert eventually(lambda: sleeping_model.predicts(client))

    # Ordinary calls that go while the endpoint is known to answer may meet it asleep side by side.
    first, *later = sorted(provider.unanswered_call_times(sleeping_model.endpoint)[calls_before:])
    probes = [each for each in later if each - first > PROBE_INTERVAL_S / 2]
    assert all(after - before > PROBE_INTERVAL_S / 2 for before, after in pairwise(probes))


def test_a_caller_can_wait_for_a_model_to_wake_up(
    client: ApiClient, provider: ProviderConsole, sleeping_model: SleepingModel
) -> None:
    """`Prefer: wait=8` waits up to 8 s, and the answer states that it was applied."""
    provider.scale_to_zero(sleeping_model.endpoint)

    assert eventually(lambda: sleeping_model.predicts(client, Prefer="wait=8"))
    answer = sleeping_model.call(client, Prefer="respond-async, wait=8")
    assert "wait=8" == answer.headers["Preference-Applied"]


def test_a_paused_model_is_resumed_by_its_first_call(
    client: ApiClient, provider: ProviderConsole, sleeping_model: SleepingModel
) -> None:
    """A call cannot wake a paused endpoint; it invokes the reconciler, which resumes it."""
    provider.pause(sleeping_model.endpoint)

    refused = sleeping_model.call(client)

    assert (503, "model_not_ready") == (refused.status_code, refused.json()["code"])
    assert eventually(lambda: sleeping_model.predicts(client))
