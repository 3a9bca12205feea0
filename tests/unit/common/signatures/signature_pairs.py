"""Pairs of signatures, with the sentences on what changes; of breaking ones `! ` comes first."""

from collections.abc import Sequence
from typing import Any

from tests.differential.signatures import (
    CHATS,
    a_map,
    an_object,
    array,
    column,
    param,
    tensor,
)

type Specs = list[dict[str, Any]] | None

MOVED = (
    "! The output column `{}` is new, and not behind two or more others: in answers that are "
    "lists, values stand at other places."
)
A, B = column("double", "a"), column("double", "b")
OPTIONAL_B = column("double", "b", required=False)
NAMELESS = column("double", None)

INPUTS: Sequence[tuple[Specs, Specs, list[str]]] = [
    ([A, B], [A, B], []),
    ([A], [A, B], ["! The column `b` is new and required."]),
    ([A, B], [A, B, column("long", "c", required=False)], ["The column `c` is new."]),
    ([A, B], [A], ["! The column `b` is gone: what callers send for it is ignored."]),
    ([A, OPTIONAL_B], [A, B], ["! The column `b` is required now."]),
    ([A, B], [A, OPTIONAL_B], ["The column `b` may be left out now."]),
    ([A, B], [B, A], ["The columns are in another order."]),
    ([A], [column("float", "a")], ["The column `a` changes from double to float."]),
    ([A], [column("long", "a")], ["! The column `a` changes from double to long."]),
    ([column("long", "a")], [A], ["The column `a` changes from long to double."]),
    (
        [column("long", "a")],
        [column("integer", "a")],
        ["! The column `a` changes from long to integer."],
    ),
    (
        [column("integer", "a")],
        [column("long", "a")],
        ["The column `a` changes from integer to long."],
    ),
    ([A], [column("string", "a")], ["! The column `a` changes from double to string."]),
    (
        [column("datetime", "a")],
        [column("string", "a")],
        ["The column `a` changes from datetime to string."],
    ),
    (
        [column("binary", "a")],
        [column("string", "a")],
        ["! The column `a` changes from binary to string."],
    ),
    ([A], [column("any", "a")], ["The column `a` changes from double to any."]),
    (
        [A],
        [column(array("double"), "a")],
        ["! The column `a` changes from double to array of double."],
    ),
    (
        [column(array("long"), "a")],
        [column(array("double"), "a")],
        ["The item `a[]` changes from long to double."],
    ),
    (
        [column(an_object(k="string"), "a")],
        [column(an_object(k="string", n_="double"), "a")],
        ["The property `a.n_` is new."],
    ),
    (
        [column(an_object(k="string"), "a")],
        [column(an_object(k="string", n="double"), "a")],
        ["! The property `a.n` is new and required."],
    ),
    (
        [column(an_object(k="string", n_="double"), "a")],
        [column(an_object(k="string"), "a")],
        ["! The property `a.n_` is gone."],
    ),
    (
        [column(a_map("string"), "a")],
        [column(a_map("double"), "a")],
        ["! The value `a[]` changes from string to double."],
    ),
    # A single column's values need no name, and those of two do.
    (
        [A],
        [A, OPTIONAL_B],
        [
            "! What fitted as a body with inputs may fit no more.",
            "! What fitted as a body with instances may fit no more.",
            "The column `b` is new.",
        ],
    ),
    # Columns of lists make an object one row.
    (
        [A, B],
        [A, B, column(array("double"), "c", required=False)],
        [
            "! What fitted as a body with inputs may fit no more.",
            "! What fitted as a body with instances may fit no more.",
            "The column `c` is new.",
        ],
    ),
    ([A], [NAMELESS], ["! The columns had names and have no names now."]),
    ([column("double", 0)], [A], ["! The columns had numbers for names and have names now."]),  # type: ignore[arg-type]
    (
        [NAMELESS, NAMELESS],
        [NAMELESS],
        ["! There are 1 columns without names where there were 2."],
    ),
    (
        [NAMELESS, column("long", None)],
        [column("long", None), NAMELESS],
        [
            "! The column `0` changes from double to long.",
            "The column `1` changes from long to double.",
        ],
    ),
    ([A], [tensor("float64", -1, 1)], ["! The inputs were columns and are tensors now."]),
    ([tensor("float64", -1, 1)], [A], ["! The inputs were tensors and are columns now."]),
    (
        [tensor("float64", -1, 4)],
        [tensor("float32", -1, 4)],
        ["The tensor changes from float64 to float32."],
    ),
    (
        [tensor("float64", -1, 4)],
        [tensor("int64", -1, 4)],
        ["! The tensor changes from float64 to int64."],
    ),
    (
        [tensor("float64", -1, 4)],
        [tensor("float64", -1, 5)],
        ["! The tensor changes its shape from (any, 4) to (any, 5)."],
    ),
    (
        [tensor("float64", -1, -1, 3)],
        [tensor("float64", -1, 28, 3)],
        ["! The tensor changes its shape from (any, any, 3) to (any, 28, 3)."],
    ),
    (
        [tensor("float64", 2, 3)],
        [tensor("float64", -1, 3)],
        ["The tensor changes its shape from (2, 3) to (any, 3)."],
    ),
    # A cell of a table holds a part of a known size only.
    (
        [tensor("float64", -1, 2, 3)],
        [tensor("float64", -1, 2, -1)],
        [
            "! What fitted as a body with dataframe_split may fit no more.",
            "! What fitted as a body with dataframe_records may fit no more.",
            "The tensor changes its shape from (any, 2, 3) to (any, 2, any).",
        ],
    ),
    (
        [tensor("float64", -1, name="x")],
        [tensor("float64", -1, name="x"), tensor("float64", -1, name="y")],
        ["! The tensor `y` is new."],
    ),
    (
        [tensor("float64", -1, name="x")],
        [tensor("float64", -1)],
        ["! The tensor had a name and has none now."],
    ),
    (None, [A], ["! The signature has inputs now."]),
    ([A], None, ["The signature has no inputs now."]),
    (
        CHATS[3].inputs,
        [column("string", "text")],
        [
            "! The column `input` is gone: what callers send for it is ignored.",
            "! The column `text` is new and required.",
        ],
    ),
    (
        CHATS[0].inputs,
        [*(CHATS[0].inputs or []), column("long", "seed", required=False)],
        ["The column `seed` is new."],
    ),
]

OUTPUTS: Sequence[tuple[Specs, Specs, list[str]]] = [
    ([A, B], [A], ["! The output column `b` is gone."]),
    ([A, B], [A, B, column("string", "c")], ["The output column `c` is new."]),
    (
        [A, B],
        [A, column("string", "c"), B],
        [
            MOVED.format("c"),
        ],
    ),
    (
        [A],
        [A, B],
        [
            MOVED.format("b"),
        ],
    ),
    ([A, B], [B, A], ["! The output columns are in another order."]),
    ([A], [column("long", "a")], ["The output column `a` changes from double to long."]),
    ([column("long", "a")], [A], ["! The output column `a` changes from long to double."]),
    (
        [column("string", "a")],
        [column("datetime", "a")],
        ["! The output column `a` changes from string to datetime."],
    ),
    (
        [A, B],
        [A, OPTIONAL_B],
        ["! The output column `b` may be missing or null now."],
    ),
    ([A, OPTIONAL_B], [A, B], ["The output column `b` is always there now."]),
    (
        [tensor("float64", -1)],
        [tensor("int64", -1)],
        ["The output tensor changes from float64 to int64."],
    ),
    (
        [tensor("float64", -1, 3)],
        [tensor("float64", -1, -1)],
        ["! The output tensor changes its shape from (any, 3) to (any, any)."],
    ),
    ([tensor("float64", -1)], [A], ["! The outputs were tensors and are columns now."]),
    ([A], None, ["! The signature has no outputs now."]),
    (None, [A], ["The signature has outputs now."]),
]

PARAMS: Sequence[tuple[Specs, Specs, list[str]]] = [
    (None, [param("double", 0.5)], ["The param `p` is new."]),
    (
        [param("double", 0.5)],
        None,
        ["! The param `p` is gone: what callers send for it is ignored."],
    ),
    (
        [param("double", 0.5)],
        [param("double", 0.7)],
        ["The param `p` has another default: answers to requests without it may differ."],
    ),
    ([param("double", 1)], [param("long", 1)], ["! The param `p` changes from double to long."]),
    ([param("long", 1)], [param("double", 1)], ["The param `p` changes from long to double."]),
    (
        [param("long", [1], listed=True)],
        [param("long", [1])],
        ["! The param `p` changes from list of long to long."],
    ),
]
