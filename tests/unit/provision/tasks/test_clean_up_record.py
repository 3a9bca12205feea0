"""The clean-up ends the record with the reason of the failure."""

from typing import Any

import pytest

from functions.common.deployments.record import Status
from functions.provision.tasks.runner import TaskOutcome
from tests.unit.provision.tasks.cleaning_up import (
    FAILED,
    WENT_AWAY,
    caught,
    clean_up,
)


@pytest.mark.parametrize(
    ("state", "status", "reason"),
    [
        (FAILED, Status.FAILED, "No signature."),
        (
            {"result": {"outcome": "failed", "reason": "Quota.", "retryable": True}},
            Status.FAILED,
            "Quota.",
        ),
        (
            {"result": {"outcome": "superseded", "reason": "A newer version is already live."}},
            Status.STOPPED,
            "A newer version is already live.",
        ),
        (
            {"result": {"outcome": "ignored", "reason": "MLflow does not know this version."}},
            Status.STOPPED,
            "MLflow does not know this version.",
        ),
        (
            caught("create: Unavailable"),
            Status.FAILED,
            "The step create could not be completed after several attempts (Unavailable).",
        ),
        (
            FAILED | caught("verify: ProviderTimeoutError"),
            Status.FAILED,
            "The step verify could not be completed after several attempts (ProviderTimeoutError).",
        ),
        (
            {"failure": {"Error": "States.Timeout"}},
            Status.FAILED,
            "The step validate could not be completed after several attempts (States.Timeout).",
        ),
    ],
)
def test_the_record_ends_with_its_reason(
    state: dict[str, Any], status: Status, reason: str
) -> None:
    """A caught error takes precedence over a task's outcome."""
    outcome, record = clean_up(state)

    assert TaskOutcome(name="cleaned") == outcome
    assert (status, reason) == (record.status, record.reason)


@pytest.mark.parametrize("kind", ["ModelNotReadyError", "ModelWarmingUpError"])
def test_an_endpoint_that_crashes_on_predictions_fails_permanently(kind: str) -> None:
    """It was away at every retry; another deployment of the model would crash too."""
    _outcome, record = clean_up(caught(f"verify: {kind}"))

    assert (Status.FAILED, WENT_AWAY) == (record.status, record.reason)
    assert not record.retryable


@pytest.mark.parametrize(
    ("state", "retryable"),
    [
        (FAILED, False),
        ({"result": {"outcome": "failed", "reason": "Quota.", "retryable": True}}, True),
        ({"result": {"outcome": "failed", "reason": "Bad.", "retryable": False}}, False),
        ({"result": {"outcome": "superseded", "reason": "A newer request."}}, False),
        ({"result": {"outcome": "ignored", "reason": "Not known."}}, False),
        (caught("validate: MlflowException"), True),
        (caught("check: ModelWarmingUpError"), True),
        (caught("verify: RateLimitedError"), True),
        ({"failure": {"Error": "States.Timeout"}}, True),
        ({}, True),
    ],
)
def test_the_record_says_whether_the_failure_is_temporary(
    state: dict[str, Any], retryable: bool
) -> None:
    """An error in our own steps is temporary; a task's outcome says it itself."""
    _outcome, record = clean_up(state)

    assert retryable == record.retryable


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"result": None},
        {"result": {"outcome": "waiting"}},
        {"result": {"outcome": "superseded"}},
        {"failure": "text"},
        {"failure": {"Error": "TaskError"}},
        {"failure": {"Error": "TaskError", "Cause": "not JSON"}},
        {"failure": {"Error": "TaskError", "Cause": "[]"}},
        {"failure": {"Error": "TaskError", "Cause": '{"errorMessage": "no colon"}'}},
    ],
)
def test_any_input_ends_the_record(state: dict[str, Any]) -> None:
    """A clean-up that fails on its input would leave an endpoint running."""
    _outcome, record = clean_up(state)

    assert Status.FAILED is record.status
    assert record.reason
