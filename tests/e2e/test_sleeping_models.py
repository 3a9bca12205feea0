"""Models that sleep, or that somebody has paused at Hugging Face."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from uuid import uuid4

import httpx
import pytest

from infra.local.system import LocalSystem
from tests.e2e import candidates
from tests.e2e.candidates import BODY, DOUBLED
from tests.e2e.client import Client, key_with, soon
from tests.e2e.provider import Provider

CALLERS = 8
"""Each is an execution environment of its own, whose start is most of the work."""
TURN_S = 4


@pytest.fixture(scope="module")
def live(operator: Client) -> Iterator[tuple[str, str]]:
    """A model that serves, and its endpoint's name; nothing of it is left in the end."""
    model = f"sleeper-{uuid4().hex[:6]}"
    candidates.registered(model, candidates.logged())
    deployment = operator.wait_until_serving(model, "1")
    (endpoint,) = operator.endpoints_of(deployment)
    yield model, endpoint
    operator.undeploy(model)


def is_served(client: Client, model: str, **headers: str) -> bool:
    """Whether it predicts now; everything but a right answer and a hopeful refusal is a fault."""
    answer = client.http.post(f"models/{model}/predict", json=BODY, headers=headers)
    if answer.status_code == httpx.codes.OK:
        assert DOUBLED == answer.json()["predictions"]
        return True
    assert 503 == answer.status_code, answer.text
    assert answer.json()["code"] in {"model_warming_up", "model_not_ready"}, answer.text
    assert int(answer.headers["Retry-After"]) >= 1
    return False


def test_many_callers_wake_a_model_up_once(
    system: LocalSystem, provider: Provider, live: tuple[str, str]
) -> None:
    """They are told that it is starting, by one of them at a time, and are served later."""
    model, endpoint = live
    with Client(system, key=key_with(system)) as client:
        assert soon(lambda: is_served(client, model))
        provider.put_to_sleep(endpoint)

        with ThreadPoolExecutor(CALLERS) as pool:
            served = list(pool.map(lambda _: is_served(client, model), range(CALLERS)))
        assert not all(served)
        assert soon(lambda: is_served(client, model))

    # The first may be the request that is lost now and then, the second has found out.
    _, *in_vain = sorted(provider.calls_in_vain(endpoint))
    assert all(later - earlier > TURN_S / 2 for earlier, later in pairwise(in_vain))


def test_a_caller_can_wait_for_a_model_to_wake_up(
    client: Client, provider: Provider, live: tuple[str, str]
) -> None:
    """It says for how long, and is told that it was heard."""
    model, endpoint = live
    assert soon(lambda: is_served(client, model))
    provider.put_to_sleep(endpoint)

    assert soon(lambda: is_served(client, model, Prefer="wait=8"))
    answer = client.http.post(
        f"models/{model}/predict", json=BODY, headers={"Prefer": "respond-async, wait=8"}
    )
    assert "wait=8" == answer.headers["Preference-Applied"]


def test_a_paused_model_comes_back_by_itself(
    client: Client, provider: Provider, live: tuple[str, str]
) -> None:
    """No request wakes it; the first one has the reconciler told, which resumes it."""
    model, endpoint = live
    assert soon(lambda: is_served(client, model))
    provider.pause(endpoint)

    refused = client.predict(model, BODY)

    assert (503, "model_not_ready") == (refused.status_code, refused.json()["code"])
    assert soon(lambda: is_served(client, model))
