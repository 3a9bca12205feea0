"""Models of the benchmarks of predictions."""

from collections.abc import Mapping
from typing import Any

TENSOR = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]
TABLE = [
    {"type": "long", "name": "age"},
    {"type": "double", "name": "height"},
    {"type": "string", "name": "city"},
    {"type": "boolean", "name": "member"},
]
MODELS: Mapping[str, tuple[list[dict[str, Any]], str]] = {
    "iris": (TENSOR, "/"),
    "embedding": (TENSOR, "/4000000"),
    "table": (TABLE, "/"),
}
"""Signature and path at the upstream of each model."""
