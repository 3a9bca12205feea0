"""Service level objectives of predictions, and alarms on how fast their error budgets burn.

Application Signals computes them from our own metrics, by requests: no agent, no layer, and a quiet
night with one failed call of three does not count as a bad night. It makes its service-linked role
`AWSServiceRoleForCloudWatchApplicationSignals` with the first objective of an account.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-ServiceLevelObjectives.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_applicationsignals as signals
from constructs import Construct

from functions.common.metric_names import ENVIRONMENT, FAULT, LATENCY, NAMESPACE, SERVICE
from infra.config import Environment
from infra.functions import PREDICT

DAYS = 30
_PERIOD_S = 60
_SLOW_MS = 2_000

_Slo = signals.CfnServiceLevelObjective


@dataclass(frozen=True, kw_only=True)
class Window:
    """Two look-back windows: the long one says that it lasts, the short one that it still does.

    Attributes:
        rate: Speed at which the budget of 30 days burns, as a multiple of the one that would use
            it up exactly.
            Source: https://sre.google/workbook/alerting-on-slos/ (6: multiwindow, multi-burn-rate)
        enough: Calls in the long window, below which no alarm is raised.
    """

    name: str
    rate: float
    long_min: int
    short_min: int
    enough: int

    @property
    def budget_percent(self) -> float:
        """Percent of the budget that burns in the long window at this rate."""
        return 100 * self.rate * self.long_min / (DAYS * 24 * 60)


FAST = Window(name="Fast", rate=14.4, long_min=60, short_min=5, enough=100)
SLOW = Window(name="Slow", rate=6, long_min=360, short_min=30, enough=300)
WINDOWS = (FAST, SLOW)


@dataclass(frozen=True, kw_only=True)
class Objective:
    """One objective: *goal* percent of the predictions are good.

    Attributes:
        bad: Metric and statistic that count bad ones; or `good`, which count good ones.
    """

    name: str
    says: str
    goal: float
    good: tuple[str, str] | None = None
    bad: tuple[str, str] | None = None


ANSWERED = Objective(
    name="Answered",
    says="99 % of the predictions in 30 days do not fail by our or the provider's fault.",
    goal=99,
    bad=(FAULT, "Sum"),
)
IN_TIME = Objective(
    name="InTime",
    says="95 % of the predictions in 30 days take at most 2 seconds.",
    goal=95,
    # Trimmed count: how many values are in the range.
    good=(LATENCY, f"TC(:{_SLOW_MS})"),
)
OBJECTIVES = (ANSWERED, IN_TIME)


def slo_name(objective: Objective, environment: Environment) -> str:
    """Return the objective's name in the account, a dimension of its metrics."""
    return f"{environment.stack_name}-{objective.name}"


def add_objective(
    scope: Construct, objective: Objective, environment: Environment
) -> signals.CfnServiceLevelObjective:
    """Define *objective*, with the burn rate of every window."""
    counted: Mapping[str, object] = {
        name: _queries(*which, environment)
        for name, which in (
            ("good_count_metric", objective.good),
            ("bad_count_metric", objective.bad),
        )
        if which
    }
    return _Slo(
        scope,
        objective.name,
        name=slo_name(objective, environment),
        description=objective.says,
        request_based_sli=_Slo.RequestBasedSliProperty(
            request_based_sli_metric=_Slo.RequestBasedSliMetricProperty(
                total_request_count_metric=_queries(LATENCY, "SampleCount", environment),
                monitored_request_count_metric=_Slo.MonitoredRequestCountMetricProperty(
                    **counted  # type: ignore[arg-type]
                ),
            )
        ),
        goal=_Slo.GoalProperty(
            attainment_goal=objective.goal,
            interval=_Slo.IntervalProperty(
                rolling_interval=_Slo.RollingIntervalProperty(duration=DAYS, duration_unit="DAY")
            ),
        ),
        burn_rate_configurations=[
            _Slo.BurnRateConfigurationProperty(look_back_window_minutes=minutes)
            for window in WINDOWS
            for minutes in (window.short_min, window.long_min)
        ],
    )


def _queries(
    name: str, statistic: str, environment: Environment
) -> list[signals.CfnServiceLevelObjective.MetricDataQueryProperty]:
    metric = _Slo.MetricProperty(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions=[
            _Slo.DimensionProperty(name=ENVIRONMENT, value=environment.name),
            _Slo.DimensionProperty(name=SERVICE, value=PREDICT.service),
        ],
    )
    stat = _Slo.MetricStatProperty(metric=metric, period=_PERIOD_S, stat=statistic)
    return [_Slo.MetricDataQueryProperty(id="calls", metric_stat=stat, return_data=True)]
