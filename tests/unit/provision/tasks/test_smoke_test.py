"""The smoke test: a deployment answers its input example correctly and fast enough."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from functions.common.deployments.record import HUB_RUNTIME, Deployment
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
from functions.common.signatures.request_schema import request_schema
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
    runtime=HUB_RUNTIME,
)


def verify(
    inference: FakeInferenceClient,
    deployment: Deployment = DEPLOYMENT,
    *,
    clock: FakeClock | None = None,
) -> TaskOutcome:
    """Run the task with one prediction to warm up and three that are timed."""
    clock = clock or FakeClock()
    smoke_test = SmokeTest(
        inference=inference,
        timeout_s=25,
        times=3,
        max_latency_s=2,
        answer_tolerance=1e-4,
        monotonic=clock,
        sleep=clock.sleep,
    )
    return smoke_test.verify(deployment)


def reason_of(outcome: TaskOutcome) -> str:
    """Return the reason of a failed smoke test."""
    assert "failed" == outcome.name
    return outcome.reason or ""


def test_the_example_is_sent_as_it_is() -> None:
    """Once to warm up, then as often as is timed, to this deployment."""
    inference = FakeInferenceClient(RIGHT)

    assert TaskOutcome(name="verified") == verify(inference)
    assert 4 * [(DEPLOYMENT.id, EXAMPLE)] == [
        (id_, json.loads(body)) for id_, body in inference.sent
    ]


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ({"inputs": [["x"]]}, "does not fit its signature: /inputs"),
        ({"dataframe_records": [{"b": 1}]}, 'should have "a"'),
        ({"inputs": [{"a": 1}], "instances": [{"a": 1}]}, "exactly one of"),
        ({"inputs": [{"a": 1}], "more": 1}, "unknown fields"),
        ({"inputs": [{"a": 1, "b": json.loads("[" * 250 + "]" * 250)}]}, "could not be sent"),
    ],
)
def test_what_a_caller_could_not_send_is_not_sent(example: Any, words: str) -> None:
    """The model would be live, verified, and refuse every call."""
    inputs = [{"type": "double", "name": "a", "required": True}]
    inference = FakeInferenceClient(RIGHT)
    schema = request_schema(inputs, None)

    outcome = verify(inference, changed(DEPLOYMENT, request_schema=schema, input_example=example))

    assert words in reason_of(outcome)
    assert [] == inference.sent


@pytest.mark.parametrize("example", [None, EXAMPLE])
def test_a_request_schema_that_is_none_fails(example: Any) -> None:
    """Every call would be an internal error, also without an example."""
    broken = changed(DEPLOYMENT, request_schema={"type": "no type"}, input_example=example)

    assert "no usable schema" in reason_of(verify(FakeInferenceClient(RIGHT), broken))


def test_a_model_of_numbered_columns_is_verified_with_its_example() -> None:
    """`pd.DataFrame(array)`: its own example is a body that works."""
    inputs = [{"type": "double", "name": number, "required": True} for number in range(2)]
    schema = request_schema(inputs, None)
    example = {"dataframe_split": {"columns": [0, 1], "data": [[0.5, 1.5]]}}
    deployment = changed(DEPLOYMENT, request_schema=schema, input_example=example)

    assert TaskOutcome(name="verified") == verify(FakeInferenceClient(RIGHT), deployment)


def test_an_answer_that_no_caller_could_get_fails() -> None:
    """Lambda takes no larger one."""
    large = FakeInferenceClient(RIGHT * 300_000)

    assert "larger than 4 MB" in reason_of(verify(large))


def test_without_an_example_nothing_is_sent() -> None:
    """The timeline says what was not verified."""
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
    """The reason names the cause and the prediction; no further one is sent."""
    inference = FakeInferenceClient(RIGHT, script=[*right_before * [RIGHT], answer])

    reason = reason_of(verify(inference))

    assert reason.startswith(f"Prediction {right_before + 1} of 4: ")
    assert words in reason
    assert right_before + 1 == len(inference.sent)


def test_an_answer_of_another_deployment_fails() -> None:
    """An address may have been given to another endpoint."""
    assert "Another deployment" in reason_of(
        verify(FakeInferenceClient(RIGHT, answers_as="another"))
    )


def test_an_answer_from_other_files_fails() -> None:
    """The endpoint must serve the published revision."""
    assert "other files" in reason_of(verify(FakeInferenceClient(RIGHT, package="cd" * 32)))


def test_a_reused_endpoint_may_name_its_first_deployment() -> None:
    """It was created for that one."""
    taken_over = changed(DEPLOYMENT, adopted_from="earlier")

    assert "verified" == verify(FakeInferenceClient(RIGHT, answers_as="earlier"), taken_over).name
    assert "failed" == verify(FakeInferenceClient(RIGHT, answers_as=taken_over.id), taken_over).name


@pytest.mark.parametrize("latencies_s", [(60.0, 2.0), (1.0, 1.0, 9.0, 2.0), (0.0, 2.0, 9.0, 0.1)])
def test_the_median_latency_is_limited(latencies_s: Sequence[float]) -> None:
    """One slow prediction is allowed, and so is a slow first one."""
    clock = FakeClock()
    inference = FakeInferenceClient(RIGHT, clock=clock, latencies_s=latencies_s)

    assert "verified" == verify(inference, clock=clock).name


def test_a_model_that_is_too_slow_fails_with_figures() -> None:
    """The reason has the latency and the limit."""
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
def test_a_temporary_error_is_retried_by_the_workflow(error: ServiceError) -> None:
    """A replica that has just started can be busy."""
    with pytest.raises(type(error)):
        verify(FakeInferenceClient(error=error))


def test_a_rate_limit_is_a_temporary_error() -> None:
    """At any prediction; the model is not at fault."""
    with pytest.raises(RateLimitedError):
        verify(FakeInferenceClient(RIGHT, script=[RIGHT, RateLimitedError("x")]))


@pytest.mark.parametrize("lost", [ModelWarmingUpError("x"), ConnectionFailedError("x")])
def test_one_lost_request_restarts_the_smoke_test(lost: ServiceError) -> None:
    """Earlier predictions no longer count; a second loss fails."""
    inference = FakeInferenceClient(RIGHT, script=[RIGHT, RIGHT, lost])

    assert "verified" == verify(inference).name
    assert 3 + 4 == len(inference.sent)


@pytest.mark.parametrize("answers_again", [0, 1, 3])
def test_a_model_that_crashes_after_some_predictions_fails(answers_again: int) -> None:
    """Whether or not its container is running again at the retry."""
    gone = ModelWarmingUpError("x")
    script = [RIGHT, RIGHT, gone, *answers_again * [RIGHT], gone]

    reason = reason_of(verify(FakeInferenceClient(RIGHT, script=script)))

    assert reason.startswith("The model answered 2 of 4 predictions, then")
    assert "crashed" in reason


def test_a_hub_source_is_verified_by_its_predictions_only() -> None:
    """It names neither deployment nor package, and its signature is not MLflow's."""
    outcome = verify(FakeInferenceClient([{"label": "POSITIVE", "score": 0.9}]), HUB_SOURCE)

    assert "verified" == outcome.name
    assert "own form" in (outcome.note or "")


@pytest.mark.parametrize("values", [None, [], [{"score": None}]])
def test_a_hub_source_that_answers_nothing_fails(values: Any) -> None:
    """In any form, there must be predictions."""
    assert "is not usable" in reason_of(verify(FakeInferenceClient(values), HUB_SOURCE))
