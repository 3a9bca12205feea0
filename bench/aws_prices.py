"""AWS's list prices in us-east-1, in US dollars, without a free tier, as of 2026-11.

Copies of the pages were read, not the pages of today.
"""

from bench.request_units import KIB

STATE_TRANSITION = 0.000025
"""Standard workflows. Source: https://aws.amazon.com/step-functions/pricing/"""
GB_SECOND = 0.0000133334
"""Lambda on arm64; since 2025-08-01 the start of a cold one is billed like the rest. Source:
https://aws.amazon.com/lambda/pricing/"""
INVOCATION = 0.20 / 1e6
"""As above."""
SNAPSHOT_GB_SECOND = 0.0000015046
"""SnapStart for Python: keeping a version's snapshot, by the function's memory, for at least three
hours. As above."""
SNAPSHOT_RESTORED_GB = 0.0001397998
"""As above, each gigabyte that is restored."""
READ_UNIT = 0.125 / 1e6
"""DynamoDB on demand, since 2024-11-01. Source:
https://aws.amazon.com/dynamodb/pricing/on-demand/"""
WRITE_UNIT = 0.625 / 1e6
"""As above."""
REST_CALL = 3.50 / 1e6
"""API Gateway, the first 333 million calls a month. Source:
https://aws.amazon.com/api-gateway/pricing/"""
LOG_GB = 0.50
"""CloudWatch's ingestion of logs, Lambda's (vended, first tier) and API Gateway's. Source:
https://aws.amazon.com/cloudwatch/pricing/"""
SECRET = 0.40
"""Secrets Manager, each secret a month. Source: https://aws.amazon.com/secrets-manager/pricing/"""
TRACE = 5.00 / 1e6
"""X-Ray, each recorded trace. Source: https://aws.amazon.com/xray/pricing/"""
METRIC = 0.30
"""CloudWatch, each custom metric a month, by the hours in which it has data; the first 10,000. As
above, and so the next four."""
ALARM_METRIC = 0.10
"""Each metric of an alarm, a month."""
COMPOSITE_ALARM = 0.50
"""Each alarm on alarms, a month."""
DASHBOARD = 3.00
"""A month."""
SIGNAL = 1.50 / 1e6
"""Application Signals, the first 100 million a month. An objective counts as two of them in each
period of its metric, by what others write: the copy of the page that was read does not say so."""

VCPU_MIB = 1_769
"""Memory with which a function has one virtual CPU; with less it has that share of one. Source:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
HOURS_A_MONTH = 730


def invocation(seconds: float, memory_mib: int) -> float:
    """Return the price of one invocation of a function that takes so many seconds."""
    return seconds * memory_mib / KIB * GB_SECOND + INVOCATION


def duration_s(cpu_s: float, memory_mib: float, *, wait_s: float = 0.0) -> float:
    """Return the seconds in which one thread works for *cpu_s* of a whole CPU, and waits."""
    return wait_s + cpu_s * VCPU_MIB / min(memory_mib, VCPU_MIB)


def request_units(reads: float, writes: float) -> float:
    """Return the price of so many of DynamoDB's request units."""
    return reads * READ_UNIT + writes * WRITE_UNIT
