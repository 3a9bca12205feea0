"""Runs of the uptime function, and what they count."""

import json
from dataclasses import replace
from typing import Any

import pytest

from functions.common.secrets import NOT_SET
from functions.uptime import handler
from functions.uptime.api import ApiTimeoutError
from functions.uptime.handler import UptimeKeyRefusedError
from functions.uptime.run import WORKERS
from tests.events import LambdaContext
from tests.unit.uptime.checking import EXAMPLE, KEY, SECRET, Checking, awake, refused
from tests.wide_events import counted, metric_lines


def run() -> dict[str, Any]:
    return handler.lambda_handler({}, LambdaContext())


def logged(caplog: pytest.LogCaptureFixture, message: str) -> list[dict[str, Any]]:
    """Return the fields of each line of the log with this message."""
    return [vars(record) for record in caplog.records if record.getMessage() == message]


def test_the_example_is_sent_as_a_caller_sends_it(it: Checking) -> None:
    """With the key of the checks."""
    it.serve(awake())

    run()

    ((model, body, key),) = it.api.calls
    assert ("iris", EXAMPLE, KEY) == (model, json.loads(body), key)


def test_each_check_counts_once(it: Checking, capsys: pytest.CaptureFixture[str]) -> None:
    """The sample count of `Available` is the number of checks, and its average the availability;
    which model it was is a property of the line."""
    live = it.serve(awake("größe"))
    it.serve(awake("wine"), ApiTimeoutError())

    report = run()

    lines = {line["model"]: line for line in metric_lines(capsys.readouterr().out)}
    good, bad = lines["gr%C3%B6%C3%9Fe"], lines["wine"]
    assert [("Available", 1, {"environment": "none", "service": "uptime"})] == [*counted(good)]
    assert ("1", live.id, 200, "", "r-1") == tuple(
        good[name] for name in ("version", "deployment", "status", "code", "request_id")
    )
    assert (0, 0, "timeout") == (bad["Available"], bad["status"], bad["code"])
    assert bad["latency_ms"] >= 0
    assert (2, 1) == (report["checked"], report["unavailable"])


def test_a_model_has_a_metric_of_its_own_where_that_is_asked_for(
    it: Checking, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside the one of all."""
    it.serve(awake())
    it.settings = {"available_per_model": True}

    run()

    (line,) = metric_lines(capsys.readouterr().out)
    dimensions = [found for _, _, found in counted(line)]
    assert [None, "iris"] == [found.get("model") for found in dimensions]


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (404, "model_not_found")])
def test_a_fault_of_the_check_is_a_line_and_counts_nothing(
    it: Checking,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    status: int,
    code: str,
) -> None:
    """It says nothing about the model."""
    it.serve(awake(), refused(status, code))

    report = run()

    (line,) = logged(caplog, "uptime.unknown")
    assert ("iris", code) == (line["model"], line["code"])
    assert [] == metric_lines(capsys.readouterr().out)
    assert (1, 1, 0) == (report["checked"], report["unknown"], report["unavailable"])


def test_a_refused_key_ends_the_run_and_is_an_error(
    it: Checking, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Only the checks that had begun are made; Lambda counts the error, for which there is an
    alarm."""
    for number in range(100):
        it.serve(awake(f"model-{number}"), refused(401, "unauthorized"))

    with pytest.raises(UptimeKeyRefusedError, match="unauthorized"):
        run()

    assert len(it.called) <= WORKERS
    assert ["unauthorized"] == [line["code"] for line in logged(caplog, "uptime.key_refused")]
    assert [] == metric_lines(capsys.readouterr().out)


@pytest.mark.parametrize("value", [NOT_SET, ""])
def test_without_a_key_nothing_is_checked(
    it: Checking, caplog: pytest.LogCaptureFixture, value: str
) -> None:
    """One line says what is missing."""
    it.serve(awake())
    it.secrets.put(SECRET, value)

    report = run()

    assert SECRET == report["waiting_for"]
    assert [SECRET] == [line["secret"] for line in logged(caplog, "uptime.waiting")]
    assert 1 == len(caplog.records)
    assert [] == it.called


def test_the_trouble_of_one_model_stops_no_other(
    it: Checking, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the run's line."""
    it.serve(awake())
    it.serve(awake("wine"))
    del it.api.answers["wine"]

    report = run()

    (line,) = logged(caplog, "uptime.finished")
    assert (1, ["wine"]) == (report["checked"], report["failed_models"])
    assert report["failed_models"] == line["failed_models"]


def test_no_check_begins_when_the_time_is_over(it: Checking) -> None:
    """A run ends before Lambda ends it."""
    it.serve(awake())
    uptime = it.function().run
    clock = iter([0.0, uptime.longest_s])

    report = replace(uptime, monotonic=lambda: next(clock)).run(KEY)

    assert [] == it.called
    assert 1 == report.as_json()["not_begun"]
