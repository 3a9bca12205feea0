"""Events as AWS sends them, one file per shape."""

import json
from pathlib import Path
from typing import Any


def event(name: str, **changes: Any) -> dict[str, Any]:
    """Return the recorded event *name* with top-level *changes*."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text()) | changes


class LambdaContext:
    """The attributes of Lambda's context that Powertools reads."""

    function_name = "test"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:test"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"
