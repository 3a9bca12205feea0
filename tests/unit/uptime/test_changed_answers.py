"""Models that answer otherwise than when they were verified."""

from typing import Any

import pytest

from functions.common.answers.fingerprint import Fingerprint
from functions.common.circuits.state import AWAKE_FOR_S, CircuitState, Phase
from functions.common.deployments.record import Deployment
from functions.common.ledger.budget_use import BudgetAction
from functions.common.ledger.model_month import MonthTotal
from functions.uptime import handler
from functions.uptime.woken import CHECK_AGAIN_AFTER_S
from tests.builders import NOON
from tests.events import LambdaContext
from tests.unit.uptime.checking import Checking, answered, awake, refused
from tests.wide_events import counted, metric_lines

NOW = NOON.timestamp()
WOKEN = CircuitState().asleep(NOW - 200).answered(NOW - 100)
SERVED_LONG = CircuitState(answered_at=NOW - 10, since=NOW - 9_000, checked_at=NOW - 60)


def verified(model_id: str = "iris", **changes: Any) -> Deployment:
    """Return a deployment whose verified answer is `[0, 1]`."""
    return awake(model_id, **{"answer_fingerprint": Fingerprint.of([0, 1]).text, **changes})


def asleep(**changes: Any) -> Deployment:
    """Return one that may sleep."""
    return verified(**{"min_replicas": 0, **changes})


def run() -> dict[str, Any]:
    return handler.lambda_handler({}, LambdaContext())


def test_a_changed_answer_counts_and_is_named(
    it: Checking, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not unavailable."""
    live = it.serve(verified())
    it.api.answers["iris"] = answered(live, [1, 1])
    it.serve(verified("wine"))

    report = run()

    lines = {line["model"]: line for line in metric_lines(capsys.readouterr().out)}
    usual = {"environment": "none", "service": "uptime"}
    assert [("Available", 1, usual), ("AnswerChanged", 1, usual)] == [*counted(lines["iris"])]
    assert [("Available", 1, usual), ("AnswerChanged", 0, usual)] == [*counted(lines["wine"])]
    assert (1, ["iris"]) == (report["answer_changed"], report["answer_changed_models"])
    assert (2, 0, 0) == (report["checked"], report["unavailable"], report["unknown"])


def test_a_model_whose_answers_vary_is_checked_and_not_compared(
    it: Checking, capsys: pytest.CaptureFixture[str]
) -> None:
    it.serve(awake(answers_vary=True))

    run()

    (line,) = metric_lines(capsys.readouterr().out)
    assert ["Available"] == [name for name, _, _ in counted(line)]


def test_a_model_of_which_there_is_a_metric_has_one_of_its_availability(
    it: Checking, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of its own would be 0.30 USD a month."""
    it.serve(verified())
    it.settings = {"available_per_model": True}

    run()

    (line,) = metric_lines(capsys.readouterr().out)
    assert ["Available", "Available", "AnswerChanged"] == [name for name, _, _ in counted(line)]


def test_the_tolerance_is_a_setting(it: Checking) -> None:
    live = it.serve(verified(answer_schema=None))
    it.api.answers["iris"] = answered(live, [0, 1.01])

    assert 1 == run()["answer_changed"]
    it.settings = {"answer_tolerance": 0.02}
    assert 0 == run()["answer_changed"]


def test_a_model_that_was_woken_is_checked_once(
    it: Checking, capsys: pytest.CaptureFixture[str]
) -> None:
    """While it is awake. Its check is no part of the availability."""
    live = it.serve(asleep())
    it.circuits.kept[live.id] = WOKEN
    it.api.answers["iris"] = answered(live, [1, 1])

    first, second = run(), run()

    assert ["iris"] == it.called
    assert (["iris"], 1) == (first["answer_changed_models"], second["at_rest"])
    (line,) = metric_lines(capsys.readouterr().out)
    assert ["AnswerChanged"] == [name for name, _, _ in counted(line)]
    assert line["woken"]
    assert NOW == it.circuits.kept[live.id].checked_at


@pytest.mark.parametrize(
    "circuit",
    [
        WOKEN,
        CircuitState().not_ready(NOW - 500).answered(NOW),
        CircuitState(answered_at=NOW - 10),
        CircuitState(answered_at=NOW - 10, since=NOW - 50, checked_at=NOW - 60),
        CircuitState(answered_at=NOW - AWAKE_FOR_S + 1, since=NOW - 700, checked_at=NOW - 701),
        CircuitState(answered_at=NOW, since=NOW - 9_000, checked_at=NOW - CHECK_AGAIN_AFTER_S),
    ],
    ids=["woken", "resumed", "first called", "woken again", "still awake", "used for an hour"],
)
def test_a_model_that_came_back_or_is_in_use_is_checked(
    it: Checking, circuit: CircuitState
) -> None:
    it.circuits.kept[it.serve(asleep()).id] = circuit

    run()

    assert ["iris"] == it.called


@pytest.mark.parametrize(
    "circuit",
    [
        CircuitState(),
        CircuitState().asleep(NOW - 20),
        CircuitState().not_ready(NOW - 20),
        CircuitState(phase=Phase.OPEN, answered_at=NOW - 20, since=NOW - 10),
        CircuitState().asleep(NOW - 900).answered(NOW - AWAKE_FOR_S),
        SERVED_LONG,
    ],
    ids=["never called", "waking", "paused", "failing", "perhaps asleep again", "checked before"],
)
def test_a_model_that_may_sleep_is_not_woken_and_not_kept_awake(
    it: Checking, circuit: CircuitState
) -> None:
    it.circuits.kept[it.serve(asleep()).id] = circuit

    assert 1 == run()["at_rest"]
    assert [] == it.called


@pytest.mark.parametrize(
    "changes", [{"answer_fingerprint": None, "answers_vary": True}, {"input_example": None}]
)
def test_a_woken_model_of_which_nothing_can_be_compared_is_not_called(
    it: Checking, changes: dict[str, Any]
) -> None:
    it.circuits.kept[it.serve(asleep(**changes)).id] = WOKEN

    assert 1 == run()["at_rest"]
    assert [] == it.called


@pytest.mark.parametrize("answer", [refused(503, "model_warming_up"), refused(429, "rate_limited")])
def test_a_woken_model_that_was_not_compared_is_checked_again(
    it: Checking, answer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """It counts as nothing until then."""
    live = it.serve(asleep(), answer)
    it.circuits.kept[live.id] = WOKEN

    report = run()

    assert (1, 0) == (report["unknown"], report["unavailable"])
    assert [] == metric_lines(capsys.readouterr().out)
    it.api.answers["iris"] = answered(live)
    run()
    assert ["iris", "iris"] == it.called


def test_a_note_that_another_write_refuses_is_written_again(
    it: Checking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers write the circuit as well."""
    live = it.serve(asleep())
    it.circuits.kept[live.id] = WOKEN
    get, reads = it.circuits.get, 0

    def overtaken(deployment_id: str) -> CircuitState:
        nonlocal reads
        seen, reads = get(deployment_id), reads + 1
        if reads == 2:
            assert it.circuits.replace(deployment_id, seen, seen.answered(NOW))
        return seen

    monkeypatch.setattr(it.circuits, "get", overtaken)
    run()

    kept = it.circuits.kept[live.id]
    assert (NOW, NOW) == (kept.checked_at, kept.answered_at)


def test_without_circuits_no_model_that_may_sleep_is_called(it: Checking) -> None:
    it.serve(asleep())
    it.circuits.down = True

    run()

    assert [] == it.called


def test_a_used_up_budget_spares_woken_models(it: Checking) -> None:
    """An idle endpoint is stopped then."""
    it.circuits.kept[it.serve(asleep()).id] = WOKEN
    it.ledger.totals["2026-11"] = MonthTotal(month="2026-11", usd=50)
    it.settings = {"monthly_budget_usd": 50.0, "budget_action": BudgetAction.SLEEP}

    run()

    assert [] == it.called
