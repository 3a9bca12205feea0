"""The local dashboard reads the figures of the log, and draws them in one file."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra import figures
from infra.functions import PREDICT, RECONCILE, USAGE
from infra.local.dashboard.__main__ import main
from infra.local.dashboard.calls import (
    NO_MODEL,
    by_caller,
    by_model,
    codes,
    predictions,
    totals,
)
from infra.local.dashboard.log_lines import log_lines
from infra.local.dashboard.page import page
from infra.local.dashboard.picture import as_svg, draw, save_png
from infra.local.dashboard.reconciliations import reconciliations
from infra.local.dashboard.trouble import troubles
from infra.local.dashboard.view import View, view

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=30)


def line(fields: object, *, at: datetime = NOON, function: str = "Predict") -> str:
    """Return a line of the functions' log."""
    text = fields if isinstance(fields, str) else json.dumps(fields)
    return f"{at:%Y-%m-%d %H:%M:%S.%f} {function} {text}\n"


def call(model: str, user: str, **more: Any) -> dict[str, Any]:
    """Return the fields of a call's line."""
    usual = {"_aws": {}, "service": "predict", "model": model, "user": user, "status": 200}
    figures_ = {"Latency": 10.0, "Fault": 0, "version": "1", "deployment": "d", "provider_ms": 5}
    return {**usual, **figures_, **more}


def reconciled(**more: Any) -> dict[str, Any]:
    """Return the fields of the line of a reconciliation of all models."""
    counted = {"ModelsDeployed": 2, "Endpoints": 3, "SpendUsd": 0.5, "ReconcileFailures": 0}
    return {"_aws": {}, "service": "reconcile", "Latency": 900.0, "Fault": 0, **counted, **more}


FAILED = {"Fault": 1, "status": 502, "code": "provider_error"}
UNKNOWN = {"status": 404, "code": "model_not_found", "version": None, "deployment": None}
LOG = [
    line("START RequestId: 1"),
    line(call("caf%C3%A9", "ada")),
    line(call("caf%C3%A9", "ben", Latency=[30.0])),
    line(call("iris", "ada", **FAILED), at=LATER),
    line(call("nowhere", "ada", **UNKNOWN), at=LATER),
    line({"level": "ERROR", "message": "task.broken", "service": "provision", "model_id": "iris"}),
    line(reconciled()),
    line(reconciled(ReconcileFailures=1), at=LATER),
    "  a line that goes on\n",
]


@pytest.fixture
def shown() -> View:
    """What the log shows."""
    return view(log_lines(LOG), usd_by_model={"iris": 0.1, "café": 0.4}, now=LATER)


def test_calls_are_counted_by_model_and_caller(shown: View) -> None:
    """Names are decoded; values of metrics may be lists; unknown names are no models."""
    models, callers = by_model(shown.calls), by_caller(shown.calls)

    assert {"café": 2, "iris": 1, "nowhere": 1} == {k: v.calls for k, v in models.items()}
    assert {"ada": 3, "ben": 1} == {k: v.calls for k, v in callers.items()}
    assert (20.0, 0.0, 2) == (
        models["café"].average_ms,
        models["café"].error_percent,
        models["café"].users,
    )
    assert 100.0 == models["iris"].error_percent
    assert 25.0 == totals(shown.calls).error_percent
    assert 2 == totals(shown.calls).models
    assert {("", 200): 2, ("provider_error", 502): 1, ("model_not_found", 404): 1} == codes(
        shown.calls
    )


def test_a_call_without_anything_is_counted() -> None:
    """One that was refused before its model and its caller were known."""
    bare = {"_aws": {}, "service": "predict", "Latency": 1.0, "Fault": 0, "status": 401}

    (found,) = predictions(log_lines([line(bare)]))

    assert NO_MODEL == found.model
    assert 0 == totals([found]).users
    assert 0 == totals([]).error_percent


def test_lines_of_others_are_no_calls() -> None:
    """Neither other functions' calls nor what predict logs besides."""
    other = call("iris", "ada") | {"service": "authorizer"}
    message = {"service": "predict", "message": "circuit.changed", "level": "WARNING"}

    assert [] == predictions(log_lines([line(other), line(message), line("Latency")]))


def test_reconciliations_are_series_over_time() -> None:
    """Whatever the order of the lines."""
    found = reconciliations(log_lines(reversed(LOG)))

    assert [(NOON, 2.0), (LATER, 2.0)] == list(found.models)
    assert [(NOON, 0.5), (LATER, 0.5)] == list(found.usd)
    assert LATER == found.last_at
    assert reconciliations([]).last_at is None


def test_what_is_wrong_now(shown: View) -> None:
    """Faults, errors of the log and the last reconciliation's failures, the latest first."""
    said = [(each.service, each.what, each.model, each.times) for each in shown.troubles]

    assert [
        ("predict", "provider_error (502)", "iris", 1),
        ("reconcile", "models that could not be put right", "", 1),
        ("provision", "task.broken", "iris", 1),
    ] == said


def test_what_was_wrong_earlier_is_over() -> None:
    """After an hour, and where the next reconciliation went well."""
    lines = [*log_lines([*LOG, line(reconciled(), at=LATER + timedelta(minutes=50))])]

    assert [] == list(troubles(lines, now=LATER + timedelta(minutes=61)))


def test_steps_hold_every_call(shown: View) -> None:
    """The steps go from the first call to the last, and are few enough to be told apart."""
    steps = shown.steps()

    assert steps[0] <= NOON < steps[1]
    assert steps[-1] <= LATER < steps[-1] + shown.step
    assert 60 >= len(steps) - 1
    assert [20.0, 10.0] == [
        value for _, value in shown.over_time(lambda calls: totals(calls).average_ms)
    ]


@pytest.fixture(params=["some", "none"])
def any_view(request: pytest.FixtureRequest, shown: View) -> View:
    """A system that was used, and one that was not."""
    return shown if request.param == "some" else view([], usd_by_model={}, now=NOON)


def test_the_page_is_one_file(any_view: View, tmp_path: Path) -> None:
    """It loads nothing, and escapes what callers made up; the picture is a PNG."""
    sheet = draw(any_view)
    text = page(any_view, as_svg(sheet))
    save_png(sheet, tmp_path / "dashboard.png")

    assert text.count("<svg") == 1
    assert not any(word in text for word in ("<script", "<link", "<img", "src=", "@import"))
    assert (tmp_path / "dashboard.png").read_bytes().startswith(b"\x89PNG")


def test_names_are_escaped() -> None:
    """Callers can ask for a model of any name."""
    lines = log_lines([line(call("%3Cscript%3E", "<b>"))])
    made = view(lines, usd_by_model={"<i>": 1.0}, now=NOON)

    assert not any(word in page(made, "") for word in ("<script", "<b>", "<i>"))


def test_without_a_running_system_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one sentence, and nothing is written."""
    assert 1 == main(["--state", str(tmp_path)])

    assert "start one with `make up`" in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())


def test_figures_name_the_functions_own_services() -> None:
    """They are written without the functions' table, which would load the CDK."""
    named = {each.service for each in figures.FIGURES}

    assert {PREDICT.service, RECONCILE.service, USAGE.service} == named
