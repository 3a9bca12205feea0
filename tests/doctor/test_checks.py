"""Every check finds what is wrong, says what to do, and prints no secret."""

from typing import Any

import httpx
import pytest

from doctor.__main__ import CHECKS
from doctor.aws import check_secrets, check_stack
from doctor.huggingface import check_huggingface
from doctor.mlflow import check_mlflow, webhook_findings
from doctor.service import check_api, check_auth_service, check_reconciler
from functions.common.secrets import NOT_SET
from functions.provision.webhook.keeper import WebhookKeeper
from tests.builders import NOON
from tests.doctor.examined import VALUES, Examined, levels, only, sound
from tests.fakes.registry_webhooks import FakeRegistryWebhooks


def test_a_sound_installation_has_nothing_wrong(it: Examined) -> None:
    """What needs no real server: the rest is seen on the local system."""
    checks = (check_stack, check_secrets, check_huggingface, check_api, check_auth_service)
    found = [finding for check in (*checks, check_reconciler) for finding in it.look(check)]

    assert {"ok", "note"} == set(levels(found).values())


def down(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route")


@pytest.mark.parametrize("check", [check_api, check_auth_service])
@pytest.mark.parametrize("answer", [down, lambda _: httpx.Response(503)])
def test_what_does_not_answer_is_wrong(it: Examined, check: Any, answer: Any) -> None:
    """Neither a connection nor a good status."""
    it.answer = answer

    assert "WRONG" == only(it.look(check)).level


def test_an_auth_service_that_accepts_everybody_is_wrong(it: Examined) -> None:
    """A key of nobody must be refused."""
    it.answer = lambda _: httpx.Response(200, json={"user_id": "u", "key_id": "k"})

    assert "WRONG" == only(it.look(check_auth_service)).level


def test_an_mlflow_that_does_not_answer_is_wrong(
    it: Examined, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address is named."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    it.variables["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"
    it.answer = down
    it.put("MlflowCredentialsSecret", NOT_SET)

    finding = only(it.look(check_mlflow))

    assert ("WRONG", True) == (finding.level, "http://127.0.0.1:9" in finding.text)


def kept(it: Examined, webhooks: FakeRegistryWebhooks) -> None:
    """Have the reconciler keep the webhook."""
    WebhookKeeper(
        managed=True,
        webhooks=lambda: webhooks,
        secret=lambda: it.live().secret("WebhookSecret"),
        installation="123-us-east-1",
        url="https://api.test/api/v1/webhooks/mlflow",
        now=lambda: NOON,
    ).keep()


@pytest.mark.parametrize("fault", ["", "missing", "disabled", "refused", "unmanaged"])
def test_a_webhook_that_does_not_work_is_wrong(it: Examined, fault: str) -> None:
    """It is also tried; the doctor itself changes nothing."""
    webhooks = FakeRegistryWebhooks()
    if fault == "unmanaged":
        it.variables["MANAGE_WEBHOOK"] = "false"
    elif fault != "missing":
        kept(it, webhooks)
    if fault == "disabled":
        webhooks.disable("w-1")
    webhooks.answer = "401" if fault == "refused" else None
    webhooks.writes.clear()

    found = list(webhook_findings(it.live(), webhooks))

    assert bool(fault) == any(each.level == "WRONG" for each in found)
    assert [] == webhooks.writes
    assert {"missing": 0, "unmanaged": 0}.get(fault, 1) == sum(
        each.subject.startswith("test delivery") for each in found
    )


@pytest.mark.parametrize("fault", ["broken", "failed", "waiting"])
def test_a_reconciler_that_cannot_work_is_wrong(it: Examined, fault: str) -> None:
    """It breaks, fails at some models, or waits for a secret."""
    it.functions.broken = fault == "broken"
    reports: dict[str, dict[str, Any]] = {
        "broken": {"errorType": "SettingsError", "errorMessage": "TABLE_NAME"},
        "failed": {"failed": 2},
        "waiting": {"waiting_for": "MlflowCredentials"},
    }
    it.functions.report |= reports[fault]

    assert "WRONG" == only(it.look(check_reconciler)).level


def test_a_check_that_breaks_stops_no_other(it: Examined) -> None:
    """It is shown as not looked at."""
    it.outputs.pop("ApiUrl")

    finding = only(it.look(check_api))

    assert ("?", True) == (finding.level, "KeyError" in finding.text)


def test_no_secret_is_ever_printed(it: Examined, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    it.variables["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"
    for answer in (sound, down, lambda _: httpx.Response(500, text="broken")):
        it.answer = answer
        text = "\n".join(str(each) for check in CHECKS.values() for each in it.look(check))
        for value in VALUES.values():
            assert value == "{}" or value not in text
