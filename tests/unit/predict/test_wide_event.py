"""The one line that predict writes of each call."""

from typing import Any

import pytest

from functions.common.errors import (
    ConnectionFailedError,
    ModelFailedError,
    ModelWarmingUpError,
)
from tests.events import event
from tests.unit.predict.test_handler import LIVE, Api, api
from tests.wide_events import counted, wide_events

__all__ = ["api"]
HEADERS = event("predict")["headers"]
NOBODY = {"apiId": "a", "requestId": "r"}


def line_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the only line of a call."""
    (line,) = wide_events(capsys.readouterr().out)
    return line


def models_counted(line: dict[str, Any]) -> set[str]:
    """Return the models in whose metrics the call counts."""
    return {dimensions["model"] for _, _, dimensions in counted(line) if "model" in dimensions}


def test_an_answered_call_says_all_that_it_is_searched_by(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who, what, how long, how much, by which ids."""
    body = '{"inputs": [[1, 2, 3, 4]]}'
    api.call(body=body, headers=HEADERS | {"X-Request-Id": "mine"})

    line = line_of(capsys)
    assert {
        "service": "predict",
        "model": "iris",
        "version": "1",
        "deployment": LIVE.id,
        "user": "user-1",
        "key": "key-1",
        "status": 200,
        "attempts": 1,
        "bytes_in": len(body),
        "request_id": "mine",
        "gateway_request_id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
        "Fault": 0,
    }.items() <= line.items()
    assert {"provider_ms", "auth_ms", "lookup_ms", "cold", "function_version"} <= line.keys()
    assert line["bytes_out"] > len(LIVE.id)
    assert {"iris"} == models_counted(line)
    assert ["mine"] == api.client.request_ids


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ([ModelFailedError("no")], {"code": "provider_error", "attempts": 1}),
        ([ConnectionFailedError("x"), [0]], {"attempts": 2, "status": 200, "Fault": 0}),
        ([ModelWarmingUpError("asleep")] * 3, {"code": "model_warming_up", "woke": True}),
    ],
    ids=["failed", "tried again", "asleep"],
)
def test_a_call_says_what_it_met(
    api: Api,
    capsys: pytest.CaptureFixture[str],
    script: list[Any],
    expected: dict[str, Any],
) -> None:
    """With the deployment, also where it gave no answer."""
    api.client.script = script
    status, _answer, _headers = api.call()

    line = line_of(capsys)
    assert expected == {name: line.get(name) for name in expected}
    assert (status, LIVE.id) == (line["status"], line["deployment"])
    assert int(status >= 500) == line["Fault"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"path": "/api/v1/models/made-up/predict"}, "model_not_found"),
        ({"body": "{"}, "invalid_json"),
        ({"requestContext": NOBODY}, "unauthorized"),
        ({"httpMethod": "PUT"}, "method_not_allowed"),
    ],
)
def test_a_refused_call_counts_in_no_models_metrics(
    api: Api, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], code: str
) -> None:
    """A metric is paid for by its dimensions, and callers make up names."""
    api.call(**changes)

    line = line_of(capsys)
    assert (code, 0) == (line["code"], line["Fault"])
    assert set() == models_counted(line)


def test_an_answer_given_again_counts_for_its_model(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a deployment: the lookup is spared."""
    for _ in range(2):
        api.call(headers=HEADERS | {"Idempotency-Key": "k"})

    _first, again = wide_events(capsys.readouterr().out)
    assert again["replayed"] is True
    assert {"iris"} == models_counted(again)
