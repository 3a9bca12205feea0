"""Cost of metrics, alarms, dashboard and objectives a month, on paper.

A test holds the counts to the template.
"""

from bench import aws_prices

MODELS = 50
ENDPOINT_USD = {
    name: usd_an_hour * aws_prices.HOURS_A_MONTH
    for name, usd_an_hour in (("x1", 0.033), ("x2", 0.067))
}
"""Hugging Face's sizes, one replica, always on."""
ALARM_METRICS, COMPOSITE_ALARMS, OBJECTIVES = 101, 4, 2
"""Of the production template."""
_OBJECTIVE_PERIODS = aws_prices.HOURS_A_MONTH * 60
_SIGNALS_PER_PERIOD = 2
SERIES = {
    "`Latency` and `Fault` of four services": 8.0,
    "the reconciler's": 8.0,
    "`Available`": 1.0,
    # They have data in one hour of a day.
    "users": 3 / 24,
}
"""Custom metrics that do not grow with the models. Others have data with failures alone."""
PER_MODEL = {"Latency": 1.0, "Fault": 1.0, "SpendUsd": 1 / 24}
"""Metrics of each model, and the share of the hours in which they have data."""


def rows() -> list[list[str]]:
    """Return the table's rows: what, USD a month, percent of the endpoints' price by size."""
    fixed = {
        f"alarms, {ALARM_METRICS} metrics": ALARM_METRICS * aws_prices.ALARM_METRIC,
        f"alarms on alarms, {COMPOSITE_ALARMS}": COMPOSITE_ALARMS * aws_prices.COMPOSITE_ALARM,
        "dashboard": aws_prices.DASHBOARD,
        f"objectives, {OBJECTIVES}": (
            OBJECTIVES * _OBJECTIVE_PERIODS * _SIGNALS_PER_PERIOD * aws_prices.SIGNAL
        ),
        f"metrics in all, {sum(SERIES.values()):.0f}": sum(SERIES.values()) * aws_prices.METRIC,
    }
    of_models = {
        f"`{name}` of each model": MODELS * aws_prices.METRIC * share
        for name, share in PER_MODEL.items()
    }
    without = sum(fixed.values())
    return [
        *(_row(what, usd) for what, usd in fixed.items()),
        _row("**without metrics of each model**", without),
        *(_row(what, usd) for what, usd in of_models.items()),
        _row("**with all of them**", without + sum(of_models.values())),
    ]


def _row(what: str, usd: float) -> list[str]:
    shares = (f"{100 * usd / (MODELS * each):.2f}" for each in ENDPOINT_USD.values())
    return [what, f"{usd:.2f}", *shares]
