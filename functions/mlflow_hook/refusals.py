"""Refused deliveries: one line each, which is log and metric at once, without their content.

By hand and with the standard library alone: whoever forges deliveries must not make us import more.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
import sys
import time

from functions.common.errors import ServiceError
from functions.common.metric_names import (
    DELIVERIES_REFUSED,
    NAMESPACE,
    REASON,
    SERVICE,
    dimensions,
)


def report_refusal(error: ServiceError, *, request_id: str) -> None:
    """Log and count *error* by its reason."""
    shared = {**dimensions(), SERVICE: "mlflow_hook", REASON: _reason(error)}
    metric = {
        "Namespace": NAMESPACE,
        "Dimensions": [[*shared]],
        "Metrics": [{"Name": DELIVERIES_REFUSED, "Unit": "Count"}],
    }
    line = {
        "level": "INFO",
        "message": "delivery.refused",
        "request_id": request_id,
        **shared,
        DELIVERIES_REFUSED: 1,
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]},
    }
    sys.stdout.write(f"{json.dumps(line)}\n")


def _reason(error: ServiceError) -> str:
    """Return `unsigned`, `stale` or `wrong_signature`, else the error's public code."""
    reason = getattr(error, "reason", error.code)
    return str(reason)
