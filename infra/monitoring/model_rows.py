"""Rows about models: which are deployed, whether they answer, what they cost, who uses them."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from functions.common.metric_names import (
    BUDGET_USED_PERCENT,
    CREDITS_EXHAUSTED,
    ENDPOINTS,
    MODELS_DEPLOYED,
    SPEND_USD,
    USERS_DAY,
    USERS_MONTH,
    USERS_WEEK,
)
from infra.config import Environment
from infra.figures import ADOPTION, COSTS, DEPLOYED
from infra.functions import RECONCILE
from infra.monitoring.alarm_spec import NO_DATA_CHANGES_NOTHING, AlarmSpec, Graph, Row
from infra.monitoring.metrics import (
    MAXIMUM,
    of_each_model,
    own_metric,
)
from infra.monitoring.uptime_graphs import uptime_graphs

_USAGE = "usage"
_DAY = Duration.days(1)


class ModelRows:
    """Rows of the dashboard about models, their costs and their users."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._between = Duration.minutes(environment.reconcile_every_min)

    def deployed(self, widgets: Sequence[cloudwatch.ConcreteWidget]) -> Row:
        return Row(
            title=DEPLOYED.title,
            graphs=[
                Graph(
                    title="Models that serve, and endpoints",
                    metrics=[
                        self._reconciler(MODELS_DEPLOYED, "Models"),
                        self._reconciler(ENDPOINTS, "Endpoints"),
                    ],
                ),
                *uptime_graphs(self._environment),
            ],
            widgets=widgets,
        )

    def costs(self) -> Row:
        by_model = of_each_model(
            SPEND_USD, RECONCILE.service, self._environment, statistic=MAXIMUM, period=_DAY
        )
        return Row(
            title=COSTS.title,
            graphs=[
                Graph(title="USD this month so far", metrics=[self._reconciler(SPEND_USD, "All")]),
                Graph(title="USD this month so far, by model", metrics=by_model),
                Graph(
                    title="Monthly budget used (%)",
                    alarms=[self._spent("BudgetNearlySpent", 80), self._spent("BudgetSpent", 100)],
                ),
                Graph(title="Credits at Hugging Face used up", alarms=[self._no_credits()]),
            ],
        )

    def users(self, widgets: Sequence[cloudwatch.ConcreteWidget]) -> Row:
        spans = {USERS_DAY: "of a day", USERS_WEEK: "of a week", USERS_MONTH: "of a month"}
        metrics = [
            own_metric(name, _USAGE, self._environment, statistic=MAXIMUM, period=_DAY, label=label)
            for name, label in spans.items()
        ]
        graphs = [Graph(title="Distinct users", metrics=metrics)]
        return Row(title=ADOPTION.title, graphs=graphs, widgets=widgets)

    def _reconciler(self, name: str, label: str | None = None) -> cloudwatch.Metric:
        return own_metric(
            name,
            RECONCILE.service,
            self._environment,
            statistic=MAXIMUM,
            period=self._between,
            label=label,
        )

    def _spent(self, name: str, percent: int) -> AlarmSpec:
        return AlarmSpec(
            name=name,
            why=f"This month's spend has reached {percent} % of the monthly budget.",
            runbook="the-budget-is-spent",
            metric=self._reconciler(BUDGET_USED_PERCENT),
            threshold=percent,
            missing=NO_DATA_CHANGES_NOTHING,
        )

    def _no_credits(self) -> AlarmSpec:
        return AlarmSpec(
            name="CreditsExhausted",
            why="Hugging Face refuses for want of credits: endpoints that run are interrupted.",
            runbook="the-budget-is-spent",
            metric=self._reconciler(CREDITS_EXHAUSTED),
            threshold=1,
            missing=NO_DATA_CHANGES_NOTHING,
        )
