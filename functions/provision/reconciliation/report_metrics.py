"""Metrics of a reconciliation."""

from collections.abc import Mapping
from datetime import datetime

from functions.common.emf import Metrics, count, print_line
from functions.common.metric_names import (
    BUDGET_USED_PERCENT,
    CREDITS_EXHAUSTED,
    ENDPOINTS,
    MODEL,
    MODELS_DEPLOYED,
    ORPHANS_HELD,
    RECONCILE_CHANGES,
    RECONCILE_FAILURES,
    SPEND_USD,
    WEBHOOK_FAILURES,
    model_value,
)
from functions.common.settings import MetricsSettings
from functions.provision.reconciliation.report import Report
from functions.provision.webhook.keeper import WebhookState

SERVICE = "reconcile"
SPENDING_HOUR = 0
"""Hour of the day (UTC) in which the models' dollars are counted: a metric is paid for by the hours
in which it has values, and they change little in an hour."""


def metrics_of(report: Report) -> Metrics:
    """Return what a reconciliation counts; that of all models counts more."""
    values: dict[str, float] = {RECONCILE_FAILURES: report.failed}
    if report.webhook:
        values |= {
            WEBHOOK_FAILURES: int(report.webhook.state is WebhookState.FAILED),
            MODELS_DEPLOYED: report.serving,
            ENDPOINTS: report.endpoints,
            ORPHANS_HELD: report.orphans_held,
            **_spending(report),
        }
    return Metrics(values)


def print_further_metrics(report: Report, *, now: datetime) -> None:
    """Count each change, and once a day the dollars of each model, in lines of their own: a line
    has one value of each dimension."""
    for change in report.changes:
        count(SERVICE, RECONCILE_CHANGES, change=change["change"])
    if not report.webhook or now.hour != SPENDING_HOUR:
        return
    if not MetricsSettings.from_env().metrics_per_model:
        return
    for model_id, month in report.spending.months.items():
        if month.endpoints:
            print_line(SERVICE, Metrics({SPEND_USD: month.usd}, ({MODEL: model_value(model_id)},)))


def _spending(report: Report) -> Mapping[str, float]:
    """Return the dollars of all models, the budget that they use, and whether the provider's
    account can pay."""
    spending = report.spending
    values = {SPEND_USD: spending.usd, CREDITS_EXHAUSTED: int(report.credits_exhausted)}
    if (percent := spending.budget.percent) is not None:
        values[BUDGET_USED_PERCENT] = percent
    return values
