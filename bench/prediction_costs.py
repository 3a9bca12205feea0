"""Cost of a million predictions on AWS, on paper, from measured CPU, bytes and request units."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench import aws_prices

MILLION = 1_000_000
AUTH_WAIT_S = 0.05
"""Assumed seconds of auth.hokus.ai's answer."""
LOG_EVENT_BYTES = 26
"""Counted for each event beside its text, as CloudWatch's quotas count it. Source:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One warm prediction as it was measured, and the functions' sizes.

    Attributes:
        predict_cpu_s, authorizer_cpu_s: Seconds of a whole CPU.
        log_bytes: What predict writes and the line of the access log, with what is counted for
            each event.
        authorizer_log_bytes: What the authorizer writes.
        traced_share: Of the calls, by X-Ray.
    """

    predict_mib: int
    predict_cpu_s: float
    authorizer_mib: int
    authorizer_cpu_s: float
    log_bytes: float
    authorizer_log_bytes: float
    traced_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Traffic of predictions.

    Attributes:
        provider_s: Seconds of the endpoint's answer.
        calls_per_authorization: Calls that one answer of the authorizer serves, which API Gateway
            caches for 60 s.
        reads, writes: DynamoDB's request units per million calls.
    """

    provider_s: float
    calls_per_authorization: float
    reads: float
    writes: float


def cost_of_a_million(call: Call, traffic: Traffic) -> dict[str, float]:
    """Return US dollars by service."""
    authorizations = MILLION / traffic.calls_per_authorization
    asking_s = aws_prices.duration_s(call.authorizer_cpu_s, call.authorizer_mib, wait_s=AUTH_WAIT_S)
    logged = MILLION * call.log_bytes + authorizations * call.authorizer_log_bytes
    return {
        "API Gateway REST": MILLION * aws_prices.REST_CALL,
        "predict": MILLION * predict_usd(call, traffic.provider_s),
        "logs": logged / 1e9 * aws_prices.LOG_GB,
        "X-Ray": MILLION * call.traced_share * aws_prices.TRACE,
        "authorizer": authorizations * aws_prices.invocation(asking_s, call.authorizer_mib),
        "DynamoDB": aws_prices.request_units(traffic.reads, traffic.writes),
    }


def predict_usd(call: Call, provider_s: float) -> float:
    """Return the price of one invocation of predict."""
    seconds = aws_prices.duration_s(call.predict_cpu_s, call.predict_mib, wait_s=provider_s)
    return aws_prices.invocation(seconds, call.predict_mib)


def line_bytes(fields: Mapping[str, str], values: Mapping[str, str]) -> int:
    """Return the bytes of a line of the access log: *fields* as JSON, each variable of API Gateway
    with a value of an ordinary length. Raises: KeyError (a variable without one)."""
    line = ", ".join(
        f'"{name}": "{values[value] if value.startswith("$") else value}"'
        for name, value in fields.items()
    )
    return len(f"{{{line}}}".encode()) + LOG_EVENT_BYTES
