"""A model of an ordinary size, and its live deployment: what records weigh by in the benches."""

from typing import Any

from functions.common.deployments.record import Deployment, TimelineEntry
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.request_schema import request_schema
from tests.builders import NOON, a_live_deployment

_COLUMNS = (
    *(
        f"mean_{what}_last_{days}_days"
        for what in ("price", "orders", "visits")
        for days in (7, 30)
    ),
    *(f"share_of_{kind}_customers" for kind in ("new", "returning", "wholesale")),
    *("discount", "stock_level", "is_promoted"),
)
_ROWS = 11
INPUTS: list[dict[str, Any]] = [
    {"type": "double", "name": name, "required": True} for name in _COLUMNS
]
OUTPUTS: list[dict[str, Any]] = [
    {"type": "double", "name": name, "required": True} for name in ("low", "expected", "high")
]
PARAMS: list[dict[str, Any]] = [
    {"name": "threshold", "type": "float", "default": 0.5, "shape": None}
]
EXAMPLE: dict[str, Any] = {
    "dataframe_split": {
        "columns": list(_COLUMNS),
        "data": [
            [round(1.7 * row + 12.345678901 * column, 9) for column in range(len(_COLUMNS))]
            for row in range(_ROWS)
        ],
    }
}
"""Twelve columns, eleven rows, 2 KB."""
_STEPS = ("request", "validate", "package", "create", "check", "verify", "activate", "reconcile")


def live_deployment() -> Deployment:
    """Return a live deployment whose record has the attributes of a real one, 4.2 KB."""
    return a_live_deployment(
        model_id="demand-forecast",
        input_schema=INPUTS,
        request_schema=request_schema(INPUTS, PARAMS),
        output_schema=OUTPUTS,
        answer_schema=answer_schema(OUTPUTS),
        input_example=EXAMPLE,
        timeline=tuple(TimelineEntry(step=step, time=NOON, outcome="done") for step in _STEPS),
        execution_arn=f"arn:aws:states:us-east-1:123456789012:execution:provision:{'0' * 36}",
        repository="hokusai/hokus-demand-forecast-0123abcd",
        revision="0" * 40,
    )
