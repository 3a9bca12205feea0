"""The webhook from API Gateway's event to its answer, on fakes."""

import json
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from functions.common.deployments.record import Status
from functions.common.secrets import SecretUnavailableError
from functions.mlflow_hook import handler
from tests.aws_failures import FAILURES, secret_unavailable
from tests.events import event
from tests.fakes.secrets import FakeSecrets
from tests.unit.mlflow_hook.hook import DELIVERED, SECRET, Hook
from tests.unit.mlflow_hook.test_signature import signed_headers


def test_a_registration_makes_a_record_and_an_execution(hook: Hook) -> None:
    """The answer is 202 only after both exist."""
    status, answer = hook.post()

    (record,) = hook.store.deployments.values()
    assert 202 == status
    assert {
        "status": "accepted",
        "deployment_id": record.id,
        "model_id": "sales lead",
        "model_version": "1",
    } == answer
    assert record.id == hook.store.desired_deployments["sales lead"].deployment_id
    assert [("sales lead", record.id)] == hook.workflow.started
    assert (Status.PENDING, "1") == (record.status, record.model_version)
    assert hook.workflow.execution_arn(record.id) == record.execution_arn


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(timedelta(minutes=4), 202), (timedelta(minutes=6), 400), (timedelta(days=365 * 73), 400)],
)
def test_an_event_of_the_future_is_400(hook: Hook, ahead: timedelta, expected: int) -> None:
    """It would win over every later one. MLflow gives up; the next reconciliation finds it."""
    recorded = json.loads(event("mlflow_webhook")["body"])
    moment = (DELIVERED + ahead).isoformat()

    status, answer = hook.post(json.dumps(recorded | {"timestamp": moment}))

    assert expected == status
    assert (expected == 202) == bool(hook.store.deployments)
    assert expected == 202 or "clock" in answer["detail"]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z"])
def test_the_ends_of_time_break_nothing(hook: Hook, moment: str) -> None:
    recorded = json.loads(event("mlflow_webhook")["body"])

    status, _answer = hook.post(json.dumps(recorded | {"timestamp": moment}))

    assert status == (400 if moment.startswith("9999") else 202)


def test_the_same_delivery_twice_is_one_deployment_and_one_answer(hook: Hook) -> None:
    """MLflow retries a delivery that it believes lost."""
    assert hook.post() == hook.post()
    assert 1 == len(hook.store.deployments)
    assert 1 == len(hook.workflow.started)


def test_an_execution_that_cannot_be_started_is_5xx(hook: Hook) -> None:
    """MLflow delivers again, and then the record gets its execution."""
    hook.workflow.error = ConnectionError("throttled")
    status, answer = hook.post()
    assert (500, "internal_error") == (status, answer["code"])

    hook.workflow.error = None
    status, _ = hook.post()

    assert 202 == status
    assert 1 == len(hook.workflow.started)


def test_the_deciding_alias_makes_a_record_and_an_execution(hook: Hook) -> None:
    """If the deploy policy names an alias."""
    hook.deploy_alias = "champion"

    status, answer = hook.deliver_event("model_version_alias", "created", alias="champion")

    assert 202 == status
    assert [("sales lead", answer["deployment_id"])] == hook.workflow.started
    assert "1" == hook.store.desired_deployments["sales lead"].registry_version


def test_a_change_of_the_opt_out_tag_reconciles_the_model(hook: Hook) -> None:
    """The hook writes nothing: only the registry knows what is requested now."""
    answered = hook.deliver_event("model_version_tag", "set", key="hokus.deploy", value="false")

    assert (202, {"status": "accepted", "model_id": "sales lead"}) == answered
    assert ["sales lead"] == hook.reconciliation.requested
    assert {} == hook.store.desired_deployments


def test_a_reconciliation_that_cannot_be_requested_is_5xx(hook: Hook) -> None:
    """MLflow delivers again."""
    hook.reconciliation.error = ConnectionError("throttled")

    status, answer = hook.deliver_event("model_version_tag", "deleted", key="hokus.deploy")

    assert (500, "internal_error") == (status, answer["code"])


def test_our_own_tags_start_no_reconciliation(hook: Hook) -> None:
    """Otherwise each update of tags would cause another one."""
    status, answer = hook.deliver_event(
        "model_version_tag", "set", key="hokus.status", value="deployed"
    )

    assert (200, "ignored") == (status, answer["status"])
    assert [] == hook.reconciliation.requested


@pytest.mark.parametrize("part", ["store", "workflow", "secrets"])
@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_what_does_not_answer_is_503_with_a_pause(hook: Hook, part: str, error: Exception) -> None:
    """MLflow tries 5xx again, and nothing was lost."""
    getattr(hook, part).error = secret_unavailable(error) if part == "secrets" else error

    status, answer = hook.post()

    assert (503, "service_unavailable", 5) == (status, answer["code"], answer["retry_after_s"])
    getattr(hook, part).error = None
    assert 202 == hook.post()[0]


def test_an_unreadable_secret_is_5xx(hook: Hook) -> None:
    """Never 401: MLflow would give up."""
    hook.secrets.error = SecretUnavailableError("webhook")

    status, answer = hook.post()

    assert (500, "internal_error") == (status, answer["code"])


def test_a_wrong_signature_is_401(hook: Hook) -> None:
    """Nothing is written."""
    status, answer = hook.post(secret="other")

    assert (401, "unauthorized") == (status, answer["code"])
    assert {} == hook.store.deployments


def test_the_previous_secret_is_still_accepted(hook: Hook) -> None:
    """From one rotation to the next."""
    hook.secrets = FakeSecrets({"webhook": "new"}, previous={"webhook": SECRET})

    assert 202 == hook.post()[0]


def test_missing_headers_are_401(hook: Hook) -> None:
    """Also if API Gateway sends null for no headers."""
    assert 401 == hook.post(headers=None)[0]


def test_an_old_timestamp_is_401(hook: Hook) -> None:
    """Even with a valid signature."""
    body = event("mlflow_webhook")["body"]

    status, _ = hook.post(headers=signed_headers(body.encode(), secret=SECRET, at=1_700_000_000))

    assert 401 == status


def test_a_malformed_body_is_400(hook: Hook) -> None:
    """It is signed but not JSON."""
    status, answer = hook.post("{")

    assert (400, "invalid_json") == (status, answer["code"])


def test_an_oversized_body_is_413(hook: Hook) -> None:
    """Before its signature is computed."""
    status, answer = hook.post("x" * (handler.MAX_BODY_BYTES + 1), secret="other")

    assert (413, "payload_too_large") == (status, answer["code"])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_another_method_is_405_with_post(hook: Hook, method: str) -> None:
    """API Gateway routes every other method here, signed or not."""
    recorded = event("mlflow_webhook", httpMethod=method)

    answer = handler.lambda_handler(recorded, None)

    assert (405, "POST") == (answer["statusCode"], answer["headers"]["Allow"])
    assert "method_not_allowed" == json.loads(answer["body"])["code"]
    assert [] == hook.workflow.started


@pytest.mark.parametrize("secret", [SECRET, "other"])
@pytest.mark.usefixtures("hook")
def test_every_answer_has_an_id_and_is_not_cached(secret: str) -> None:
    """The id is API Gateway's."""
    recorded = event("mlflow_webhook")
    headers = signed_headers(recorded["body"].encode(), secret=secret, at=int(time.time()))

    sent = handler.lambda_handler(recorded | {"headers": headers}, None)["headers"]

    assert recorded["requestContext"]["requestId"] == sent["X-Request-Id"]
    assert "no-store" == sent["Cache-Control"]


def test_other_events_are_200_ignored(hook: Hook) -> None:
    """With the reason."""
    body = json.loads(event("mlflow_webhook")["body"]) | {"entity": "registered_model"}

    status, answer = hook.post(json.dumps(body))

    assert (200, "ignored") == (status, answer["status"])
    assert "registered_model.created" in answer["reason"]
    assert [] == hook.workflow.started


def test_the_handler_imports_the_standard_library_only() -> None:
    """A forged request must not pay for pydantic, boto3 or Powertools."""
    code = (
        "import sys, functions.mlflow_hook.handler;"
        "heavy = {'pydantic', 'boto3', 'botocore', 'aws_lambda_powertools'};"
        "sys.exit(str(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
