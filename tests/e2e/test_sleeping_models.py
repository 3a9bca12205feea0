"""Models that sleep, or that somebody has paused at Hugging Face."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx
import pytest

from tests.e2e.client import Client, soon
from tests.e2e.models import Registered
from tests.e2e.provider import Provider

CALLERS = 8
"""Each is an execution environment of its own, whose start is most of the work."""
TURN_S = 4
MODEL = "greeter"


class Sleeper:
    """A model that serves when nobody keeps it from that, and its endpoint's name."""

    def __init__(self, registered: Registered, endpoint: str) -> None:
        self.endpoint = endpoint
        self._registered = registered

    def call(self, client: Client, **headers: str) -> httpx.Response:
        """One prediction."""
        body = self._registered.body
        return client.http.post(f"models/{MODEL}/predict", json=body, headers=headers)

    def is_served(self, client: Client, **headers: str) -> bool:
        """Whether it predicts now; all but a right answer and a hopeful refusal is a fault."""
        answer = self.call(client, **headers)
        if answer.status_code == httpx.codes.OK:
            assert self._registered.predictions == answer.json()["predictions"]
            return True
        assert_hopeful(answer)
        return False


@pytest.fixture
def sleeper(client: Client, operator: Client, documented: dict[str, Registered]) -> Sleeper:
    """Awake."""
    serving = operator.serving(MODEL)
    assert serving is not None
    (endpoint,) = operator.endpoints_of(serving)
    sleeper = Sleeper(documented[MODEL], endpoint)
    assert soon(lambda: sleeper.is_served(client))
    return sleeper


def assert_hopeful(answer: httpx.Response) -> None:
    """Refused for now, with the time to come back."""
    assert 503 == answer.status_code, answer.text
    assert answer.json()["code"] in {"model_warming_up", "model_not_ready"}, answer.text
    assert int(answer.headers["Retry-After"]) >= 1


def test_many_callers_wake_a_model_up_once(
    client: Client, provider: Provider, sleeper: Sleeper
) -> None:
    """Callers learn that it is starting; one of them at a time asks, and all are served later."""
    before = len(provider.calls_in_vain(sleeper.endpoint))
    provider.put_to_sleep(sleeper.endpoint)

    with ThreadPoolExecutor(CALLERS) as pool:
        served = list(pool.map(lambda _: sleeper.is_served(client), range(CALLERS)))
    assert not all(served)
    assert soon(lambda: sleeper.is_served(client))

    # The first may be the request that is lost now and then, the second has found out.
    _, *in_vain = sorted(provider.calls_in_vain(sleeper.endpoint)[before:])
    assert all(later - earlier > TURN_S / 2 for earlier, later in pairwise(in_vain))


def test_a_caller_can_wait_for_a_model_to_wake_up(
    client: Client, provider: Provider, sleeper: Sleeper
) -> None:
    """`Prefer: wait` says for how long; the answer says that it was applied."""
    provider.put_to_sleep(sleeper.endpoint)

    assert soon(lambda: sleeper.is_served(client, Prefer="wait=8"))
    answer = sleeper.call(client, Prefer="respond-async, wait=8")
    assert "wait=8" == answer.headers["Preference-Applied"]


def test_a_paused_model_comes_back_by_itself(
    client: Client, provider: Provider, sleeper: Sleeper
) -> None:
    """No request wakes it; the first one invokes the reconciler, which resumes it."""
    provider.pause(sleeper.endpoint)

    refused = sleeper.call(client)

    assert (503, "model_not_ready") == (refused.status_code, refused.json()["code"])
    assert soon(lambda: sleeper.is_served(client))
