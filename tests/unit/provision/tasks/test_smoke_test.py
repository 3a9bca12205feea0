"""The verification that a deployment predicts."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, ModelSource
from functions.common.errors import (
    ConnectionFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderError,
    ProviderTimeoutError,
    RateLimitedError,
    ServiceError,
)
from functions.common.signatures.answer_schema import answer_schema
from functions.provision.tasks.runner import TaskOutcome
from functions.provision.tasks.smoke_test import SmokeTest
from tests.builders import a_deployment, changed
from tests.fakes.inference_client import FakeClock, FakeInferenceClient

EXAMPLE = {"dataframe_split": {"columns": ["Größe"], "data": [[1.5]]}}
PRICES = [{"type": "double", "name": "price", "required": True}]
RIGHT = [{"price": 1.5}]
DEPLOYMENT = a_deployment(
    input_example=EXAMPLE, answer_schema=answer_schema(PRICES), package_digest="ab" * 32
)
HUB_SOURCE = a_deployment(
    input_example={"inputs": "A fine day"},
    answer_schema=answer_schema(PRICES),
    runtime=ModelSource.HUB,
)


def verify(
    inference: FakeInferenceClient,
    deployment: Deployment = DEPLOYMENT,
    *,
    clock: FakeClock | None = None,
) -> TaskOutcome:
    """One that warms up and three that are timed."""
    clock = clock or FakeClock()
    smoke_test = SmokeTest(
        inference=inference,
        timeout_s=25,
        times=3,
        max_latency_s=2,
        monotonic=clock,
        sleep=clock.sleep,
    )
    return smoke_test.verify(deployment)


def reason_of(outcome: TaskOutcome) -> str:
    """Of a failed one."""
    assert "failed" == outcome.name
    return outcome.reason or ""


def test_the_example_is_sent_as_it_is() -> None:
    """Once to warm up and as often as is timed, to this deployment."""
    inference = FakeInferenceClient(RIGHT)

    assert TaskOutcome(name="verified") == verify(inference)
    assert 4 * [(DEPLOYMENT.id, EXAMPLE)] == [
        (id_, json.loads(body)) for id_, body in inference.sent
    ]


def test_without_an_example_nothing_is_sent() -> None:
    """And people are told what was not verified."""
    inference = FakeInferenceClient(RIGHT)

    outcome = verify(inference, a_deployment())

    assert "verified" == outcome.name
    assert "unverified input" in (outcome.note or "")
    assert [] == inference.sent


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "does not fit the model's signature: The answer holds nothing but null"),
        ([], "holds no predictions"),
        ([{"price": None}], "null (NaN, infinity or missing)"),
        ([{"price": 1.0}, {"price": "2"}], "At /1/price, the answer should be a number"),
        ([{"cost": 1.0}], 'At /0, the answer should have "price"'),
        (ModelRejectedInputError("shape is off"), "rejected its own input example: shape is off"),
        (ProviderError("The model failed: MemoryError"), "The model failed: MemoryError"),
        (ProviderError("The model's answer broke off."), "The model's answer broke off."),
        (PayloadTooLargeError("takes no body of this size"), "takes no body of this size"),
        (ProviderTimeoutError("x"), "did not answer its input example within 25.0 s"),
    ],
)
@pytest.mark.parametrize("right_before", [0, 1, 3])
def test_every_prediction_has_to_be_right(answer: Any, words: str, right_before: int) -> None:
    """The reason names the cause, and which prediction showed it; nothing is asked after it."""
    inference = FakeInferenceClient(RIGHT, script=[*right_before * [RIGHT], answer])

    reason = reason_of(verify(inference))

    assert reason.startswith(f"Prediction {right_before + 1} of 4: ")
    assert words in reason
    assert right_before + 1 == len(inference.sent)


def test_an_answer_of_another_deployment_fails() -> None:
    """An address can come to lead elsewhere."""
    assert "Another deployment" in reason_of(
        verify(FakeInferenceClient(RIGHT, answers_as="another"))
    )


def test_an_answer_from_other_files_fails() -> None:
    """The revision that answers is the one that was asked for."""
    assert "other files" in reason_of(verify(FakeInferenceClient(RIGHT, package="cd" * 32)))


def test_an_endpoint_that_was_taken_over_keeps_its_name() -> None:
    """It was made for the earlier deployment, and says so."""
    taken_over = changed(DEPLOYMENT, adopted_from="earlier")

    assert "verified" == verify(FakeInferenceClient(RIGHT, answers_as="earlier"), taken_over).name
    assert "failed" == verify(FakeInferenceClient(RIGHT, answers_as=taken_over.id), taken_over).name


@pytest.mark.parametrize("latencies_s", [(60.0, 2.0), (1.0, 1.0, 9.0, 2.0), (0.0, 2.0, 9.0, 0.1)])
def test_the_median_has_to_be_within_the_bound(latencies_s: Sequence[float]) -> None:
    """A slow start and one slow prediction are forgiven."""
    clock = FakeClock()
    inference = FakeInferenceClient(RIGHT, clock=clock, latencies_s=latencies_s)

    assert "verified" == verify(inference, clock=clock).name


def test_a_model_that_is_too_slow_fails_with_figures() -> None:
    """How slow, and what would do."""
    clock = FakeClock()
    inference = FakeInferenceClient(RIGHT, clock=clock, latencies_s=[0.1, 3.1, 0.1, 3.14])

    expected = "The model is too slow: the median of 3 predictions took 3.1 s; 2.0 s are allowed."
    assert expected == reason_of(verify(inference, clock=clock))


@pytest.mark.parametrize(
    "error",
    [
        ModelWarmingUpError("x"),
        ModelNotReadyError("x"),
        ConnectionFailedError("x"),
        RateLimitedError("x"),
    ],
)
def test_what_may_pass_is_tried_again(error: ServiceError) -> None:
    """By the workflow: a replica that has just started can be busy with itself."""
    with pytest.raises(type(error)):
        verify(FakeInferenceClient(error=error))


def test_a_rate_limit_may_come_at_any_time() -> None:
    """It says nothing against the model."""
    with pytest.raises(RateLimitedError):
        verify(FakeInferenceClient(RIGHT, script=[RIGHT, RateLimitedError("x")]))


@pytest.mark.parametrize("lost", [ModelWarmingUpError("x"), ConnectionFailedError("x")])
def test_a_lost_request_is_forgiven_once_and_the_proof_starts_over(lost: ServiceError) -> None:
    """What went well before it does not count."""
    inference = FakeInferenceClient(RIGHT, script=[RIGHT, RIGHT, lost])

    assert "verified" == verify(inference).name
    assert 3 + 4 == len(inference.sent)


@pytest.mark.parametrize("answers_again", [0, 1, 3])
def test_a_model_that_crashes_after_some_predictions_fails(answers_again: int) -> None:
    """Whether or not its container is up again for the second try."""
    gone = ModelWarmingUpError("x")
    script = [RIGHT, RIGHT, gone, *answers_again * [RIGHT], gone]

    reason = reason_of(verify(FakeInferenceClient(RIGHT, script=script)))

    assert reason.startswith("The model answered 2 of 4 predictions, then")
    assert "crashed" in reason


def test_a_hub_source_proves_itself_without_our_signs() -> None:
    """It knows no deployment and no package, and the signature is not its own."""
    outcome = verify(FakeInferenceClient([{"label": "POSITIVE", "score": 0.9}]), HUB_SOURCE)

    assert "verified" == outcome.name
    assert "own form" in (outcome.note or "")


@pytest.mark.parametrize("values", [None, [], [{"score": None}]])
def test_a_hub_source_that_answers_nothing_fails(values: Any) -> None:
    """Whatever the form, there have to be predictions."""
    assert "is not usable" in reason_of(verify(FakeInferenceClient(values), HUB_SOURCE))
