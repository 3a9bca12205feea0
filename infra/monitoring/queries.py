"""Queries of the logs, in the language of CloudWatch Logs Insights.

The fields are those of the line that predict writes of each call, of the access log, of the
reconciler's log and of the line of each uptime check.
"""

from dataclasses import dataclass

from functions.common.metric_names import ANSWER_CHANGED, AVAILABLE, FAULT, LATENCY

_CALL = f"filter ispresent({LATENCY})"
"""Lines of calls; the log has others."""
PREDICT, AUTHORIZER, OPERATE, RECONCILE, UPTIME, GATEWAY = (
    "Predict",
    "Authorizer",
    "Operate",
    "Reconcile",
    "Uptime",
    "Gateway",
)
"""Logs: those of the functions of these names, and the access log."""


@dataclass(frozen=True, kw_only=True)
class LogQuery:
    """A query of the logs that *of* names; each of *lines* is a command."""

    name: str
    of: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n| ".join(self.lines)


ADOPTION = LogQuery(
    name="Adoption",
    of=(PREDICT,),
    lines=(
        _CALL,
        (
            "stats count_distinct(user) as users, count_distinct(key) as keys, "
            "count_distinct(model) as models, count(*) as calls by bin(1d) as day"
        ),
        "sort day desc",
    ),
)
TOP_CALLERS = LogQuery(
    name="Top callers",
    of=(PREDICT,),
    lines=(
        _CALL,
        (
            f"stats count(*) as calls, sum({FAULT}) as faults, avg({LATENCY}) as average_ms, "
            "sum(provider_ms) / 1000 as provider_s, sum(bytes_in + bytes_out) as bytes by user, key"
        ),
        "sort calls desc",
        "limit 25",
    ),
)
MODELS = LogQuery(
    name="Models",
    of=(PREDICT,),
    lines=(
        f"{_CALL} and ispresent(model)",
        (
            f"stats count(*) as calls, avg({LATENCY}) as average_ms, pct({LATENCY}, 95) as p95_ms, "
            f"100 * avg({FAULT}) as failed_percent, count_distinct(user) as users by model"
        ),
        "sort calls desc",
        "limit 50",
    ),
)
SLOWEST_CALLS = LogQuery(
    name="Slowest calls",
    of=(PREDICT,),
    lines=(
        _CALL,
        (
            f"fields @timestamp, model, version, user, status, {LATENCY}, provider_ms, auth_ms, "
            "lookup_ms, attempts, woke, cold, bytes_in, bytes_out, request_id"
        ),
        f"sort {LATENCY} desc",
        "limit 25",
    ),
)
WHY_REFUSED = LogQuery(
    name="Why refused",
    of=(PREDICT,),
    lines=(
        f"{_CALL} and status >= 400",
        (
            "stats count(*) as calls, count_distinct(user) as users, "
            "latest(request_id) as an_example by status, code, model"
        ),
        "sort calls desc",
        "limit 50",
    ),
)
ONE_REQUEST = LogQuery(
    name="One request end to end",
    of=(GATEWAY, AUTHORIZER, PREDICT, OPERATE),
    lines=(
        "fields @timestamp, @log, @message",
        # The access log's `requestId` is the functions' `gateway_request_id`.
        'filter request_id = "ID" or gateway_request_id = "ID" or requestId = "ID"',
        "sort @timestamp asc",
    ),
)
RECONCILER_CHANGES = LogQuery(
    name="What the reconciler changed",
    of=(RECONCILE,),
    lines=(
        'filter message in ["reconcile.change", "reconcile.failed"]',
        "fields @timestamp, message, model_id, change, detail, dry_run",
        "sort @timestamp desc",
        "limit 200",
    ),
)
AVAILABILITY = LogQuery(
    name="Availability by model",
    of=(UPTIME,),
    lines=(
        f"filter ispresent({AVAILABLE})",
        (
            f"stats 100 * avg({AVAILABLE}) as available_percent, count(*) as checks, "
            f"sum({ANSWER_CHANGED}) as other_answers, "
            "avg(latency_ms) as average_ms, latest(version) as last_version, "
            "latest(code) as last_code by model"
        ),
        "sort available_percent asc",
        "limit 50",
    ),
)
QUERIES = (
    ADOPTION,
    TOP_CALLERS,
    MODELS,
    SLOWEST_CALLS,
    WHY_REFUSED,
    ONE_REQUEST,
    RECONCILER_CHANGES,
    AVAILABILITY,
)
