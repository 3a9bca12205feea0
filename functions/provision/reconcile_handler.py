"""Lambda entry of the reconciler: on a schedule, after changes in the registry, and on demand."""

from typing import Any
from urllib.parse import quote

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common.metric_names import (
    BUDGET_USED_PERCENT,
    CREDITS_EXHAUSTED,
    ENDPOINTS,
    MODEL,
    MODELS_DEPLOYED,
    NAMESPACE,
    ORPHANS_HELD,
    RECONCILE_FAILURES,
    SERVICE,
    SPEND_USD,
    WEBHOOK_FAILURES,
    dimensions,
)
from functions.common.observability import entry, make_metrics
from functions.common.providers.base import ProviderRefusedError
from functions.common.secrets import SecretNotSetError
from functions.common.settings import MetricsSettings
from functions.provision.bootstrap import reconciler, take_down, webhook_keeper
from functions.provision.reconciliation.reconciler import logger
from functions.provision.reconciliation.report import Report
from functions.provision.webhook.keeper import WebhookState

_SERVICE = "reconcile"

metrics = make_metrics(_SERVICE)


@entry(logger)
@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Reconcile `event["model_id"]`, or everything; with `event["dry_run"]` only say what is wrong.

    `event["delete_orphans"]` and `event["every_record"]`: see `Reconciler.run`.

    `event["take_down"]` undeploys everything instead.

    Returns: see `Report.as_json` and `TakeDown.run`.
    """
    if event.get("take_down"):
        return take_down().run()
    model_id, dry_run = event.get("model_id"), bool(event.get("dry_run"))
    try:
        report = reconciler().run(
            model_id=model_id,
            dry_run=dry_run,
            delete_orphans=bool(event.get("delete_orphans")),
            every_record=bool(event.get("every_record")),
        )
    except ProviderRefusedError as refused:
        if model_id is None and not dry_run and refused.out_of_credits:
            metrics.add_metric(CREDITS_EXHAUSTED, MetricUnit.Count, 1)
        raise
    except SecretNotSetError as error:
        logger.info("reconcile.waiting", secret=error.name)
        return Report(dry_run, waiting_for=error.name).as_json()
    if model_id is None:
        # After the models, which its trouble must not delay.
        report.webhook = webhook_keeper().keep(dry_run=dry_run)
    logger.info(
        "reconcile.finished",
        changes=len(report.changes),
        failed=report.failed,
        unreadable=report.unreadable,
    )
    if not dry_run:
        _count(report)
    return report.as_json()


def _count(report: Report) -> None:
    metrics.add_metric(RECONCILE_FAILURES, MetricUnit.Count, report.failed)
    if report.webhook:
        broken = report.webhook.state is WebhookState.FAILED
        metrics.add_metric(WEBHOOK_FAILURES, MetricUnit.Count, int(broken))
        metrics.add_metric(MODELS_DEPLOYED, MetricUnit.Count, report.serving)
        metrics.add_metric(ENDPOINTS, MetricUnit.Count, report.endpoints)
        metrics.add_metric(ORPHANS_HELD, MetricUnit.Count, report.orphans_held)
        _count_spending(report)
    for change in report.changes:
        with single_metric(
            name="ReconcileChanges",
            unit=MetricUnit.Count,
            value=1,
            namespace=NAMESPACE,
            default_dimensions=dimensions(),
        ) as metric:
            metric.add_dimension(name="change", value=change["change"])


def _count_spending(report: Report) -> None:
    """Count the dollars of all models, and of each, the budget that they use, and whether the
    provider's account can pay."""
    spending = report.spending
    metrics.add_metric(SPEND_USD, MetricUnit.NoUnit, spending.usd)
    metrics.add_metric(CREDITS_EXHAUSTED, MetricUnit.Count, int(report.credits_exhausted))
    if spending.budget.percent is not None:
        metrics.add_metric(BUDGET_USED_PERCENT, MetricUnit.Percent, spending.budget.percent)
    if not MetricsSettings.from_env().metrics_per_model:
        return
    for model_id, month in spending.months.items():
        if not month.endpoints:
            continue
        with single_metric(
            name=SPEND_USD,
            unit=MetricUnit.NoUnit,
            value=month.usd,
            namespace=NAMESPACE,
            default_dimensions={**dimensions(), SERVICE: _SERVICE},
        ) as metric:
            metric.add_dimension(name=MODEL, value=quote(model_id, safe=""))
