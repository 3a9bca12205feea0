"""Lines of predict's log, as `functions.common.wide_event` writes them."""

import json
from typing import Any
from urllib.parse import quote


def a_line(model: str = "iris", user: Any = "ada", **changes: Any) -> str:
    """Return the line of an answered call that took 12.5 ms, 10 of them at the endpoint; a change
    to `...` leaves a field out."""
    values = {
        "_aws": {"Timestamp": 1, "CloudWatchMetrics": [{"Namespace": "HokusModelServing"}]},
        "service": "predict",
        "environment": "production",
        "model": quote(model, safe=""),
        "Latency": 12.5,
        "Fault": 0,
        "version": "3",
        "deployment": "5990853e-f114-5703-b9f4-e00752242dd7",
        "user": user,
        "key": "key-1",
        "code": "",
        "status": 200,
        "attempts": 1,
        "provider_ms": 10.0,
        "auth_ms": 0.0,
        "lookup_ms": 0.1,
        "bytes_in": 100,
        "bytes_out": 40,
        "woke": False,
        "replayed": False,
        "cold": False,
        "request_id": "r",
        "gateway_request_id": "g",
    } | changes
    return json.dumps({name: value for name, value in values.items() if value is not ...})
