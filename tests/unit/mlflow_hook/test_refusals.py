"""Refused deliveries: logged and counted by reason, without their content."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.unit.mlflow_hook.hook import Hook
from tests.unit.mlflow_hook.test_signature import signed_headers
from tests.wide_events import counted, wide_events


def _unsigned(hook: Hook) -> Any:
    return hook.post(headers={"X-Marker": "MARKER"})


def _stale(hook: Hook) -> Any:
    headers = signed_headers(b'{"MARKER": 1}', secret="MARKER", at=1_700_000_000)
    return hook.post('{"MARKER": 1}', headers=headers | {"X-MLflow-Delivery-Id": "MARKER"})


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (_unsigned, "unsigned"),
        (_stale, "stale"),
        (lambda hook: hook.post('{"MARKER": 1}', secret="MARKER"), "wrong_signature"),
        (lambda hook: hook.post("MARKER"), "invalid_json"),
        (lambda hook: hook.post('{"MARKER": 1}'), "invalid_request"),
        (lambda hook: hook.post("MARKER" * 200_000), "payload_too_large"),
        (lambda hook: hook.post(httpMethod="PUT"), "method_not_allowed"),
    ],
)
def test_a_refused_delivery_is_logged_and_counted_by_reason(
    hook: Hook,
    capsys: pytest.CaptureFixture[str],
    refused: Callable[[Hook], Any],
    reason: str,
) -> None:
    """MLflow itself says nothing of it. In CloudWatch's embedded format, without any content."""
    status, answer = refused(hook)
    printed = capsys.readouterr().out
    (line,) = wide_events(printed)

    dimensions = {"environment": "none", "service": "mlflow_hook"}
    values = list(counted(line))
    assert ("DeliveriesRefused", 1, dimensions | {"reason": reason}) in values
    assert ("Fault", 0, dimensions) in values
    assert ("delivery.refused", answer["request_id"]) == (line["message"], line["request_id"])
    assert status >= 400
    assert "MARKER" not in printed
