"""Cost of looking after the service a month, on paper: alarms, metrics, lines, uptime checks.

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
ALARM_METRICS, COMPOSITE_ALARMS, OBJECTIVES = 93, 4, 2
"""Counts of the production template."""
_OBJECTIVE_PERIODS = aws_prices.HOURS_A_MONTH * 60
_SIGNALS_PER_PERIOD = 2
SERIES = {
    "`Latency` and `Fault` of four services": 8.0,
    "the reconciler's": 8.0,
    "`Available`, `AnswerChanged`": 2.0,
    # They have data in one hour of a day.
    "users": 3 / 24,
}
"""Custom metrics that do not grow with the models. Others have data with failures alone."""
PER_MODEL = {"Latency": 1.0, "Fault": 1.0, "SpendUsd": 1 / 24}
"""Metrics of each model, and the share of the hours in which they have data."""
_LEDGER_USD, _ROLL_UPS_USD = 0.0026, 0.005
"""USD of a model, and of all nights: docs/costs.md reckons both."""


CHECKS = MODELS * aws_prices.HOURS_A_MONTH * 60 // PRODUCTION.uptime_every_min
"""Uptime checks a month."""
_RUN_S = 6.0
"""Assumed seconds of a run with `MODELS` checks: eight at once, of 0.3 s each, and their TLS on a
seventh of a CPU."""
_LINE_BYTES = 560
"""Bytes of the log that each check writes."""
_CHECK_READ_UNITS = 5
"""Request units of a check before the call: the live record, two months of costs, the circuit."""


IN_ALL = "**in all, as production is set**"


def rows(check_usd: float, log_usd: float) -> list[list[str]]:
    """Return the table's rows: what, USD a month, percent of the endpoints' price by size.

    *check_usd* is the price of an uptime check's prediction, *log_usd* that of the lines of a
    million predictions.
    """
    in_all = {
        f"alarms, {ALARM_METRICS} metrics": ALARM_METRICS * aws_prices.ALARM_METRIC,
        f"alarms on alarms, {COMPOSITE_ALARMS}": COMPOSITE_ALARMS * aws_prices.COMPOSITE_ALARM,
        "dashboard": aws_prices.DASHBOARD,
        f"objectives, {OBJECTIVES}": (
            OBJECTIVES * _OBJECTIVE_PERIODS * _SIGNALS_PER_PERIOD * aws_prices.SIGNAL
        ),
        f"metrics in all, {sum(SERIES.values()):.0f}": sum(SERIES.values()) * aws_prices.METRIC,
        "lines of a million predictions": log_usd,
        "ledger of costs, usage of each night": MODELS * _LEDGER_USD + _ROLL_UPS_USD,
        f"uptime checks, {CHECKS:,} predictions": CHECKS * check_usd,
        "their function, its log and its secret": _own_usd(),
    }
    of_models = {
        f"`{name}` of each model": MODELS * aws_prices.METRIC * share
        for name, share in PER_MODEL.items()
    }
    total, more = sum(in_all.values()), sum(of_models.values())
    return [
        *(_row(what, usd) for what, usd in in_all.items()),
        _row(IN_ALL, total),
        *(_row(what, usd) for what, usd in of_models.items()),
        _row("**with metrics of each model**", total + more),
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
