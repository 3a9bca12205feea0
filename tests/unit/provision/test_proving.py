"""The proof that a deployment predicts."""

import json

import pytest

from functions.common.errors import (
    ModelRejectedInputError,
    ModelWarmingUpError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitedError,
    ServiceError,
)
from functions.provision.proving import Proving
from functions.provision.tasks import Outcome
from tests.builders import a_deployment
from tests.fakes.inference_client import FakeInferenceClient

EXAMPLE = {"dataframe_split": {"columns": ["Größe"], "data": [[1.5]]}}
DEPLOYMENT = a_deployment(input_example=EXAMPLE)


def prove(inference: FakeInferenceClient) -> Outcome:
    return Proving(inference=inference, timeout_s=25).prove(DEPLOYMENT)


def test_the_example_is_sent_as_it_is() -> None:
    """Once, to this deployment."""
    inference = FakeInferenceClient([1])

    assert Outcome(name="proved") == prove(inference)
    assert [(DEPLOYMENT.id, EXAMPLE)] == [(id_, json.loads(body)) for id_, body in inference.sent]


def test_without_an_example_nothing_is_sent() -> None:
    """And people are told what was not proved."""
    inference = FakeInferenceClient([1])

    outcome = Proving(inference=inference, timeout_s=25).prove(a_deployment())

    assert "proved" == outcome.name
    assert "unproven input" in (outcome.note or "")
    assert [] == inference.sent


@pytest.mark.parametrize(
    ("inference", "words"),
    [
        (FakeInferenceClient([1], answers_as="another"), "Another deployment"),
        (FakeInferenceClient(None), "no predictions"),
        (FakeInferenceClient(error=ModelRejectedInputError("shape is off")), "shape is off"),
        (FakeInferenceClient(error=ProviderError("The model failed.")), "The model failed."),
    ],
)
def test_what_is_not_a_prediction_of_ours_fails(inference: FakeInferenceClient, words: str) -> None:
    """With the cause."""
    outcome = prove(inference)

    assert "failed" == outcome.name
    assert words in (outcome.reason or "")


@pytest.mark.parametrize(
    "error", [ModelWarmingUpError("x"), ProviderTimeoutError("x"), RateLimitedError("x")]
)
def test_what_passes_is_tried_again(error: ServiceError) -> None:
    """A replica that has just started can be busy with itself."""
    with pytest.raises(type(error)):
        prove(FakeInferenceClient(error=error))
