"""For every kind of difference, a body of that kind."""

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
        Signature([_DOUBLE]),
        {"dataframe_split": {"columns": ["a", "b"], "data": [[1.5]]}},
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
    "strings of large numbers": (
        Signature([tensor("int8", -1)]),
        {"inputs": ["1000"]},
    ),
    "characters beyond ASCII": (Signature([column("binary")]), {"inputs": [{"a": "ä"}]}),
    "columns without names": (
        Signature([column("long", None), column("boolean", None)]),
        {"inputs": [[1, True]]},
    ),
    "no column required": (
        Signature([column("double", required=False)]),
        {"inputs": "many"},
    ),
    "tensors of objects": (Signature([tensor("object", -1, 1)]), {"inputs": [[[["x", "y"]]]]}),
    "mixed rows": (
        Signature([_DOUBLE]),
        {"dataframe_split": {"columns": ["a"], "data": [[1.5], {"a": 2.5}]}},
    ),
    "mixed values": (
        Signature([tensor("int32", -1)]),
        {"dataframe_records": [{"x": 47}, {"x": [22]}]},
    ),
    "numbers beyond their type": (
        Signature([column("integer")]),
        {"dataframe_records": [{"a": 2**31}]},
    ),
    "nothing in place of a value": (Signature([_DOUBLE]), {"inputs": [{"a": []}]}),
    "objects in place of strings": (Signature([tensor("str", -1, 1)]), {"inputs": [[{"k": 1}]]}),
    "digits of other scripts": (Signature([_DOUBLE]), {"inputs": [{"a": "٣"}]}),
    "lists and strings in place of rows": (
        Signature([column("string"), column("string", "b")]),
        {"dataframe_split": {"columns": ["a", "b"], "data": [["x", "y"], "xy"]}},
    ),
    "other shapes within a table": (
        Signature([tensor("float64", -1, 2, name="x")]),
        {"dataframe_records": [{"x": [0.5, 1.5]}, {"x": [[0.5, 1.5]]}]},
    ),
    "rows of lists as instances": (
        Signature([column(array("string"), required=False), column("string", "b", required=False)]),
        {"instances": [{"b": "x"}]},
    ),
    "columns of maps": (
        Signature([column(a_map("any"))]),
        {"inputs": {"a": {"l": None, "m": {"k": "x"}}}},
    ),
    "gaps where none may be": (
        Signature([column(a_map("string")), column("string", "b")]),
        {"instances": [{"a": {"k": "x"}}, {"b": "x"}]},
    ),
}
