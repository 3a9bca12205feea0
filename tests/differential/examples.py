"""One example for every kind of difference."""

from collections.abc import Mapping
from typing import Any

from tests.differential.signatures import (
    Signature,
    a_map,
    array,
    column,
    param,
    tensor,
)

_DOUBLE = column("double")

EXAMPLES: Mapping[str, tuple[Signature, dict[str, Any]]] = {
    "uneven lists": (Signature([tensor("float64", -1, -1)]), {"inputs": [[1.5], [1.5, 2.5]]}),
    "a field beside one row": (Signature([_DOUBLE]), {"inputs": {"a": 1.5, "extra": 2}}),
    "tables that are not rectangular": (
        Signature([tensor("float64", -1, 1)]),
        {"dataframe_split": {"columns": [], "data": [[1.5]]}},
    ),
    "gaps": (
        Signature([_DOUBLE, column("long", "b", required=False)]),
        {"dataframe_records": [{"a": 1.5}, {"a": 1.5, "b": 2}]},
    ),
    "dates": (Signature([column("datetime")]), {"inputs": [{"a": "2026-02-31"}]}),
    "numbers within lists and objects": (
        Signature([column(array("double"))]),
        {"inputs": [{"a": [2, 3]}]},
    ),
    "whole numbers with a point": (
        Signature([_DOUBLE], [param("long", 1)]),
        {"inputs": [1.5], "params": {"p": 2.0}},
    ),
    "columns without names": (
        Signature([column("long", None), column("boolean", None)]),
        {"inputs": [[1, True]]},
    ),
    "tensors of objects": (Signature([tensor("object", -1, 1)]), {"inputs": [[[["x", "y"]]]]}),
    "columns of maps": (Signature([column(a_map("string"))]), {"inputs": {"a": {"k": "x"}}}),
    "mixed values": (
        Signature([column({"type": "any"})]),
        {"instances": [{"a": "x"}, "x"]},
    ),
    "rows of lists as instances": (
        Signature([column(array("long"))]),
        {"instances": [{"a": [1, 2]}]},
    ),
    "values of another type": (Signature([_DOUBLE]), {"inputs": [{"a": "5"}]}),
    "numbers with a fraction": (Signature([column("long")]), {"inputs": [{"a": 2.5}]}),
    "numbers beyond their type": (
        Signature([column("integer")]),
        {"dataframe_records": [{"a": 2**31}]},
    ),
    "other ways to write a date": (
        Signature([column("datetime")]),
        {"dataframe_records": [{"a": "02/01/2026"}]},
    ),
    "text that is not base64": (Signature([column("binary")]), {"inputs": [{"a": "?"}]}),
    "rows without a required column": (
        Signature([_DOUBLE]),
        {"dataframe_records": [{"a": 1.5}, {}]},
    ),
    "rows of another length": (
        Signature([_DOUBLE, column("double", "b")]),
        {"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, 2.5], [1.5]]}},
    ),
    "no rows": (Signature([_DOUBLE]), {"dataframe_split": {"columns": ["a"], "data": []}}),
    "other values in place of rows": (
        Signature([_DOUBLE]),
        {"dataframe_split": {"columns": ["a"], "data": [1.5]}},
    ),
}
