"""What an answer says of a model."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.answers.fingerprint import Fingerprint
from functions.common.answers.flat_answer import TOLERANCE
from functions.common.deployments.record import Deployment
from functions.uptime import verdict
from functions.uptime.api import ApiAnswer
from functions.uptime.verdict import CheckVerdict
from tests.unit.uptime.checking import answered, awake, refused

IRIS = awake()
VERIFIED = awake(answer_fingerprint=Fingerprint.of([0, 1]).text, answer_schema=None)


def verdict_of(answer: ApiAnswer, deployment: Deployment) -> CheckVerdict:
    return verdict.verdict_of(answer, deployment, TOLERANCE)


def test_a_model_that_answers_as_its_signature_says_is_available() -> None:
    """Nothing more is looked at where its answers vary, or none was kept."""
    assert CheckVerdict(available=True, status=200) == verdict_of(answered(IRIS), IRIS)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (answered(IRIS, ["a"]), "answer_mismatch"),
        (answered(IRIS, []), "answer_mismatch"),
        (answered(IRIS, [None]), "answer_mismatch"),
        (answered(IRIS, metadata=None), "answer_incomplete"),
        (ApiAnswer(status=200, content=b'{"metadata": {}}', request_id=None), "answer_incomplete"),
        (ApiAnswer(status=200, content=b"<html>", request_id=None), "answer_not_json"),
        (ApiAnswer(status=200, content=b"[1]", request_id=None), "answer_not_json"),
        (ApiAnswer(status=200, content=b"\xff", request_id=None), "answer_not_json"),
    ],
)
def test_an_answer_of_another_form_is_an_unavailable_model(answer: ApiAnswer, code: str) -> None:
    """The code says which part is wrong."""
    assert CheckVerdict(available=False, code=code, status=200) == verdict_of(answer, IRIS)


def test_the_answer_of_a_newer_deployment_is_not_held_against_the_older_ones_signature() -> None:
    """It may have gone live since the record was read."""
    answer = answered(IRIS, ["a"], metadata={"deployment_id": "another"})

    assert verdict_of(answer, IRIS).available


def test_a_model_without_an_answer_schema_may_answer_anything() -> None:
    """A model's own Hub source answers in its own form."""
    model = replace(IRIS, contract=replace(IRIS.contract, answer_schema=None))

    assert verdict_of(answered(model, {"label": "x"}), model).available


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "internal_error"),
        (502, "provider_error"),
        (503, "model_warming_up"),
        (503, "circuit_open"),
        (504, "provider_timeout"),
        (422, "model_rejected_input"),
    ],
)
def test_a_refused_example_is_an_unavailable_model(status: int, code: str) -> None:
    """It was answered when the deployment was verified."""
    expected = CheckVerdict(available=False, code=code, status=status)

    assert expected == verdict_of(refused(status, code), IRIS)


@pytest.mark.parametrize(
    ("status", "code", "key_refused"),
    [
        (401, "unauthorized", True),
        (402, "insufficient_balance", True),
        (403, "forbidden", True),
        (429, "rate_limited", False),
        (404, "model_not_found", False),
    ],
)
def test_a_fault_of_the_check_says_nothing_about_the_model(
    status: int, code: str, key_refused: bool
) -> None:
    """A refused or limited key, and a model that has just been undeployed."""
    expected = CheckVerdict(available=None, code=code, status=status, key_refused=key_refused)

    assert expected == verdict_of(refused(status, code), IRIS)


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"code": 1}', b'{"code": "A b"}'])
def test_what_is_no_problem_of_ours_has_its_status_for_a_code(content: bytes) -> None:
    """API Gateway's own answers, say."""
    answer = ApiAnswer(status=504, content=content, request_id=None)

    assert "http_504" == verdict_of(answer, IRIS).code


@pytest.mark.parametrize(
    ("predictions", "is_other"),
    [([0, 1], False), ([0.0, 1.00001], False), ([1, 0], True), ([0], True), (["0", 1], True)],
)
def test_another_answer_than_the_verified_one_has_changed(predictions: Any, is_other: bool) -> None:
    """The model is available all the same: it has answered."""
    found = verdict_of(answered(VERIFIED, predictions), VERIFIED)

    assert CheckVerdict(available=True, status=200, answer_changed=is_other) == found


@pytest.mark.parametrize(
    "answer",
    [
        answered(VERIFIED, [5], metadata={"deployment_id": "another"}),
        answered(VERIFIED, []),
        refused(503, "model_warming_up"),
        refused(429, "rate_limited"),
    ],
)
def test_what_is_no_answer_of_the_deployment_is_not_compared(answer: ApiAnswer) -> None:
    """Another version gives other answers, and no answer is none."""
    assert verdict_of(answer, VERIFIED).answer_changed is None


def test_a_fingerprint_of_another_form_is_not_compared() -> None:
    """A release before this one has kept it, or one after it that was taken back."""
    model = awake(answer_fingerprint="0:abc")

    assert verdict_of(answered(model), model).answer_changed is None
