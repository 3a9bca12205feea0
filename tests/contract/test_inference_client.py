"""The fake inference client and the one of Hugging Face keep the same promises."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from functions.common.deployments.record import Deployment, Runtime
from functions.common.errors import (
    ModelRejectedInputError,
    ModelWarmingUpError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitedError,
    ServiceError,
)
from functions.common.providers.base import Endpoint, EndpointState, InferenceClient, Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from tests.builders import a_live_deployment
from tests.fakes.inference_client import FakeInferenceClient

BODY = b'{"inputs": [[1.5]]}'
OURS = a_live_deployment(package_digest="ab" * 32)
HUB_SOURCE = a_live_deployment(runtime=Runtime.HUB)
FAULTS: dict[type[ServiceError], Callable[[], httpx.Response]] = {
    ModelWarmingUpError: lambda: httpx.Response(503),
    RateLimitedError: lambda: httpx.Response(429),
    ProviderError: lambda: httpx.Response(500),
    ProviderTimeoutError: lambda: _raise(httpx.ReadTimeout("silent")),
}

type Make = Callable[..., InferenceClient]
"""A client of an endpoint that was made for *made_for* and answers the *script*, call by call."""


def _raise(error: Exception) -> httpx.Response:
    raise error


class EndpointApp:
    """An endpoint as its container and the proxy before it make it."""

    def __init__(self, script: list[Any], made_for: Deployment) -> None:
        self._script = iter(script)
        self._made_for = made_for

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/health":
            return httpx.Response(200)
        answer = next(self._script)
        if isinstance(answer, ServiceError):
            return FAULTS[type(answer)]()
        sent = json.loads(request.content)
        if self._made_for.runtime is Runtime.HUB:
            assert "hokus" not in sent
            return httpx.Response(200, json=answer)
        assert {"secret": self._made_for.endpoint_secret} == sent["hokus"]
        identity = {
            "deployment_id": self._made_for.endpoint_deployment_id,
            "package": self._made_for.package_digest,
        }
        return httpx.Response(200, json={"ok": True, **identity, "predictions": answer})


def fake(*script: Any, made_for: Deployment = OURS) -> InferenceClient:
    return FakeInferenceClient(
        script=script,
        answers_as=made_for.endpoint_deployment_id,
        package=made_for.package_digest,
    )


def hugging_face(*script: Any, made_for: Deployment = OURS) -> InferenceClient:
    transport = httpx.MockTransport(EndpointApp(list(script), made_for))
    return HuggingFaceInference(
        endpoint_domain="endpoints.huggingface.cloud",
        token=lambda: "hf_test",
        client=httpx.Client(transport=transport),
    )


@pytest.fixture(params=[fake, hugging_face])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


def test_an_answer_says_whose_it_is(make: Make) -> None:
    """The deployment that the endpoint was made for, and the files that it serves."""
    answer = make([2]).invoke(OURS, BODY, timeout_s=5)

    assert Predictions([2], OURS.id, "ab" * 32) == answer


def test_an_endpoint_that_was_taken_over_says_whose_it_was(make: Make) -> None:
    """Its environment has not changed."""
    taken_over = OURS.model_copy(update={"adopted_from": "earlier"})

    answer = make([2], made_for=taken_over).invoke(taken_over, BODY, timeout_s=5)

    assert "earlier" == answer.deployment_id


def test_a_strange_endpoint_is_told_by_its_answer(make: Make) -> None:
    """What it says is passed on, not what was asked for."""
    stranger = OURS.model_copy(update={"id": "another", "package_digest": "cd" * 32})

    answer = make([2], made_for=stranger).invoke(OURS, BODY, timeout_s=5)

    assert ("another", "cd" * 32) == (answer.deployment_id, answer.package_digest)


def test_a_hub_source_says_nothing_of_itself(make: Make) -> None:
    """It knows nothing of us."""
    answer = make([{"label": "A"}], made_for=HUB_SOURCE).invoke(HUB_SOURCE, BODY, timeout_s=5)

    assert Predictions([{"label": "A"}], None) == answer


def test_a_hub_source_takes_no_tables(make: Make) -> None:
    """And the endpoint is not asked."""
    client = make([1], made_for=HUB_SOURCE)

    with pytest.raises(ModelRejectedInputError):
        client.invoke(HUB_SOURCE, b'{"dataframe_records": []}', timeout_s=5)
    assert [1] == client.invoke(HUB_SOURCE, BODY, timeout_s=5).values


@pytest.mark.parametrize("error", FAULTS)
def test_a_call_can_fail_between_others(make: Make, error: type[ServiceError]) -> None:
    """Calls are on their own: each answers or raises."""
    client = make([1], error("x"), [3])

    assert [1] == client.invoke(OURS, BODY, timeout_s=5).values
    with pytest.raises(error):
        client.invoke(OURS, BODY, timeout_s=5)
    assert [3] == client.invoke(OURS, BODY, timeout_s=5).values


@pytest.mark.parametrize(
    ("url", "healthy"), [("https://a.endpoints.huggingface.cloud", True), (None, False)]
)
def test_health_needs_an_address(make: Make, url: str | None, healthy: bool) -> None:
    """Before it has one there is nobody to ask."""
    endpoint = Endpoint(
        name="hokus-iris",
        state=EndpointState.RUNNING,
        url=url,
        message="",
        repository="hokus/hokus-iris",
        revision="a" * 40,
        tags=(),
        access="authenticated",
    )

    assert healthy is make().healthy(endpoint)
