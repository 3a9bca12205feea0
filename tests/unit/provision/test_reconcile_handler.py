"""The reconciler's Lambda entry: events, reports and metrics."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from functions.common.deployments.record import Status
from functions.common.metric_names import FAULT, LATENCY
from functions.common.observability import FunctionFailedError
from functions.common.providers.base import NO_CREDITS, Endpoint, ProviderRefusedError
from functions.common.secrets import SecretNotSetError
from functions.provision import reconcile_handler
from functions.provision.reconciliation.report import Report
from functions.provision.webhook.base import WebhooksError
from tests.builders import NOON, a_deployment
from tests.fakes.model_registry import a_version
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.world import World, served, version_of
from tests.wide_events import counted as metrics_in
from tests.wide_events import metric_lines, wide_events

CONTEXT: Any = SimpleNamespace(
    function_name="reconcile",
    function_version="1",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:reconcile",
    aws_request_id="request-1",
)
LIVE = served()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """`iris` serves, `new` has no request yet, and one endpoint is an orphan."""
    made = World(LIVE, versions=(version_of(LIVE), a_version(name="new")))
    made.have(endpoint_of(a_deployment(model_version="9"), created_at=NOON))
    monkeypatch.setattr(reconcile_handler, "reconciler", made.reconciler)
    monkeypatch.setattr(reconcile_handler, "webhook_keeper", made.webhook_keeper)
    monkeypatch.setattr(reconcile_handler, "utc_now", lambda: NOON.replace(hour=0, minute=15))
    return made


def reconcile(event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = reconcile_handler.lambda_handler(event, CONTEXT)
    return answer


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Return every printed metric but those of each call, by name, or by name and dimension."""
    found: dict[str, float] = {}
    for line in metric_lines(capsys.readouterr().out):
        for metric, value, dimensions in metrics_in(line):
            by = (dimensions.get("change"), dimensions.get("model"))
            name = " ".join(filter(None, (metric, *by)))
            found[name] = found.get(name, 0) + value
    return {name: value for name, value in found.items() if name not in {LATENCY, FAULT}}


def test_the_schedule_reconciles_everything(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """The metrics count live deployments, endpoints, dollars, in all and by model, and changes.

    The orphan has stood for a day; since when the other one stands, the provider does not say.
    """
    report = reconcile({})

    kinds = [(each["model_id"], each["change"]) for each in report["changes"]]
    assert [("new", "Deploy"), ("new", "Tell"), ("", "DeleteEndpoint")] == kinds
    assert (False, 2, 0) == (report["dry_run"], report["models"], report["failed"])
    assert 1 == len(world.workflow.started)
    assert {
        "ReconcileFailures": 0,
        "WebhookFailures": 0,
        "ModelsDeployed": 1,
        "Endpoints": 2,
        "OrphansHeld": 0,
        "CreditsExhausted": 0,
        "SpendUsd": 1.608,
        "SpendUsd iris": 0,
        "SpendUsd %3Anobody": 1.608,
        "ReconcileChanges Deploy": 1,
        "ReconcileChanges Tell": 1,
        "ReconcileChanges DeleteEndpoint": 1,
    } == counted(capsys)


def test_a_budgets_use_is_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """In percent, which may be more than a hundred."""
    world.monthly_budget_usd = 1.0

    reconcile({})

    assert 160.8 == pytest.approx(counted(capsys)["BudgetUsedPercent"])


@pytest.mark.usefixtures("world")
def test_the_models_dollars_are_counted_once_a_day(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A metric is paid for by the hours in which it has values."""
    monkeypatch.setattr(reconcile_handler, "utc_now", lambda: NOON)

    reconcile({})

    assert ["SpendUsd"] == [name for name in counted(capsys) if name.startswith("SpendUsd")]


@pytest.mark.usefixtures("world")
def test_models_have_no_metrics_of_their_own_where_there_are_thousands(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is paid for."""
    monkeypatch.setenv("METRICS_PER_MODEL", "false")

    reconcile({})

    assert ["SpendUsd"] == [name for name in counted(capsys) if name.startswith("SpendUsd")]


@pytest.mark.parametrize("how", ["stopped", "refused"])
def test_credits_that_have_run_out_are_counted(
    world: World, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    """By what the provider says of an endpoint, or refuses to a deployment."""
    if how == "stopped":
        world.have(endpoint_of(LIVE, out_of_credits=True))
    else:
        reason = f"Hugging Face answered 402: Payment required. {NO_CREDITS}"
        refused = a_deployment(model_id="wine", status=Status.FAILED, reason=reason)
        world.store.add(refused)

    reconcile({})

    assert 1 == counted(capsys)["CreditsExhausted"]


def test_a_provider_that_refuses_everything_for_want_of_credits_is_counted(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else can be done."""

    def refuse(_tag: str) -> list[Endpoint]:
        raise ProviderRefusedError(f"402. {NO_CREDITS}")

    monkeypatch.setattr(world.control, "tagged", refuse)

    with pytest.raises(FunctionFailedError):
        reconcile({})
    assert 1 == counted(capsys)["CreditsExhausted"]


def test_a_single_models_run_counts_its_changes_only(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its totals would look like those of all models."""
    report = reconcile({"model_id": "new"})

    assert 1 == report["models"]
    assert 1 == len(world.workflow.started)
    assert {
        "ReconcileFailures": 0,
        "ReconcileChanges Deploy": 1,
        "ReconcileChanges Tell": 1,
    } == counted(capsys)


@pytest.mark.parametrize("event", [{"dry_run": True}, {"model_id": "new", "dry_run": True}])
def test_a_dry_run_changes_and_counts_nothing(
    world: World, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    """It returns the changes that a real run would make."""
    before = world.snapshot()

    report = reconcile(event)

    assert (True, True) == (report["dry_run"], bool(report["changes"]))
    assert before == world.snapshot()
    assert {} == world.webhooks.by_id
    assert {} == counted(capsys)


def test_failed_changes_are_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """An alarm watches this metric."""
    world.workflow.error = RuntimeError("throttled")

    assert 1 == reconcile({})["failed"]
    assert 1 == counted(capsys)["ReconcileFailures"]


def test_all_models_runs_keep_the_webhook(world: World) -> None:
    """A run of one model leaves it alone; the report says what was done."""
    assert "webhook" not in reconcile({"model_id": "new"})
    assert {} == world.webhooks.by_id

    assert [{"state": state, "detail": ""} for state in ("created", "kept")] == [
        reconcile({})["webhook"] for _ in range(2)
    ]


def test_trouble_with_the_webhook_stops_no_model(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has a metric of its own, which an alarm watches."""
    world.webhooks.error = WebhooksError("MLflow refused: private address.")

    report = reconcile({})

    assert {"state": "failed", "detail": "MLflow refused: private address."} == report["webhook"]
    assert (0, True) == (report["failed"], bool(report["changes"]))
    counts = counted(capsys)
    assert (1, 0, 1) == (
        counts["WebhookFailures"],
        counts["ReconcileFailures"],
        counts["ModelsDeployed"],
    )


@pytest.mark.parametrize("event", [{}, {"model_id": "iris"}, {"dry_run": True}])
def test_it_waits_quietly_for_the_secrets(
    world: World, log: io.StringIO, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    """One line, no error, no metric: a new installation must not raise alarms."""
    world.registry.error = SecretNotSetError("MlflowCredentials")

    report = reconcile(event)

    assert ("MlflowCredentials", []) == (report["waiting_for"], report["changes"])
    (line,) = (json.loads(each) for each in log.getvalue().splitlines())
    assert ("INFO", "reconcile.waiting") == (line["level"], line["message"])
    assert ({}, {}) == (counted(capsys), world.webhooks.by_id)


def test_a_reconciler_that_cannot_read_raises(world: World) -> None:
    """Lambda counts the error, and the schedule runs it again."""
    world.registry.error = ConnectionError("down")

    with pytest.raises(FunctionFailedError, match=r"^ConnectionError$"):
        reconcile({})


@pytest.mark.usefixtures("world")
def test_every_change_is_logged_in_one_line(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the model and the change; the line of the call says that the run has ended."""
    reconcile({"model_id": "new"})

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [
        ("reconcile.change", "new", "Deploy"),
        ("reconcile.change", "new", "Tell"),
    ] == [(each["message"], each.get("model_id"), each.get("change")) for each in lines]
    assert {"request-1"} == {each["function_request_id"] for each in lines}
    (event,) = wide_events(capsys.readouterr().out)
    assert ("reconcile.finished", 2, 0) == tuple(
        event[name] for name in ("message", "changes", "failed")
    )


def test_a_report_has_no_totals() -> None:
    """They are for the metrics."""
    report = Report(True, models=3, serving=2, endpoints=2)

    expected = {
        "dry_run": True,
        "models": 3,
        "changes": [],
        "held": [],
        "unreadable": [],
        "failed": 0,
    }
    assert expected == report.as_json()
