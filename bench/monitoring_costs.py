"""Cost of metrics, alarms, dashboard, objectives and uptime checks a month, on paper.

A test holds the counts to the template.
"""

from bench import aws_prices
from bench.prediction_costs import LOG_EVENT_BYTES
from infra.environments import PRODUCTION
from infra.functions import UPTIME

MODELS = 50
ENDPOINT_USD = {
    name: usd_an_hour * aws_prices.HOURS_A_MONTH
    for name, usd_an_hour in (("x1", 0.033), ("x2", 0.067))
}
"""Hugging Face's sizes, one replica, always on."""
ALARM_METRICS, COMPOSITE_ALARMS, OBJECTIVES = 106, 4, 2
"""Counts of the production template."""
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


CHECKS = MODELS * aws_prices.HOURS_A_MONTH * 60 // PRODUCTION.uptime_every_min
"""Uptime checks a month."""
_RUN_S = 6.0
"""Assumed seconds of a run with `MODELS` checks: eight at once, of 0.3 s each, and their TLS on a
seventh of a CPU."""
_LINE_BYTES = 480
"""Bytes of the log that each check writes."""
_CHECK_READ_UNITS = 5
"""Request units of a check before the call: the live record, two months of costs, the circuit."""


def rows(prediction_usd: float) -> list[list[str]]:
    """Return the table's rows: what, USD a month, percent of the endpoints' price by size.

    *prediction_usd* is the price of one prediction through the API.
    """
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
    checks = {
        f"uptime checks, {CHECKS:,} predictions": CHECKS * prediction_usd,
        "their function, its log and its secret": _own_usd(),
    }
    without, of_checks = sum(fixed.values()), sum(checks.values())
    return [
        *(_row(what, usd) for what, usd in fixed.items()),
        _row("**without metrics of each model**", without),
        *(_row(what, usd) for what, usd in checks.items()),
        _row("**with the uptime checks**", without + of_checks),
        *(_row(what, usd) for what, usd in of_models.items()),
        _row("**with all of them**", without + of_checks + sum(of_models.values())),
    ]


def _own_usd() -> float:
    """Return what the function of the uptime checks costs a month."""
    runs = CHECKS / MODELS * aws_prices.invocation(_RUN_S, UPTIME.size.memory_mib)
    logs = CHECKS * (_LINE_BYTES + LOG_EVENT_BYTES) / 1e9 * aws_prices.LOG_GB
    reads = CHECKS * aws_prices.request_units(reads=_CHECK_READ_UNITS, writes=0)
    return runs + logs + reads + aws_prices.SECRET


def _row(what: str, usd: float) -> list[str]:
    shares = (f"{100 * usd / (MODELS * each):.2f}" for each in ENDPOINT_USD.values())
    return [what, f"{usd:.2f}", *shares]
