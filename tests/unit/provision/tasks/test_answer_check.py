"""Whether a live deployment still answers as it was verified."""

import json
from typing import Any

import pytest

from functions.common.answers.fingerprint import Fingerprint
from functions.common.answers.flat_answer import TOLERANCE
from functions.common.deployments.record import Deployment
from functions.common.errors import (
    ConnectionFailedError,
    ModelWarmingUpError,
    ProviderError,
    ProviderTimeoutError,
)
from functions.provision.tasks.answer_check import AnswerCheck
from tests.builders import a_live_deployment, changed
from tests.fakes.inference_client import FakeInferenceClient

EXAMPLE = {"inputs": [[1.5]]}
VERIFIED = a_live_deployment(input_example=EXAMPLE, answer_fingerprint=Fingerprint.of([2.5]).text)


def answers_otherwise(
    inference: FakeInferenceClient, deployment: Deployment = VERIFIED, **settings: float
) -> bool:
    check = AnswerCheck(inference=inference, timeout_s=25, **{"tolerance": TOLERANCE, **settings})
    return check.answers_otherwise(deployment)


@pytest.mark.parametrize(
    ("answer", "is_other"),
    [([2.5], False), ([2.50001], False), ([2.6], True), ([2.5, 2.5], True), ([None], True)],
)
def test_another_answer_is_seen(answer: Any, is_other: bool) -> None:
    inference = FakeInferenceClient(answer)

    assert is_other == answers_otherwise(inference)
    assert [(VERIFIED.id, EXAMPLE)] == [(id_, json.loads(body)) for id_, body in inference.sent]


def test_the_tolerance_decides() -> None:
    assert not answers_otherwise(FakeInferenceClient([2.6]), tolerance=0.05)


@pytest.mark.parametrize(
    "error",
    [
        ModelWarmingUpError("x"),
        ConnectionFailedError("x"),
        ProviderTimeoutError("x"),
        ProviderError("x"),
    ],
)
def test_no_answer_is_no_other_answer(error: Exception) -> None:
    """The circuit and the share of faults judge that."""
    assert not answers_otherwise(FakeInferenceClient(error=error))


@pytest.mark.parametrize(
    "changes",
    [{"answer_fingerprint": None}, {"answer_fingerprint": "0:abc"}, {"input_example": None}],
)
def test_what_cannot_be_compared_is_not_asked(changes: dict[str, Any]) -> None:
    inference = FakeInferenceClient([7])

    assert not answers_otherwise(inference, changed(VERIFIED, **changes))
    assert [] == inference.sent
