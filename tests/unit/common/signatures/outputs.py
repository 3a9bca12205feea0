"""Examples of model outputs."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

NAN, NOON = float("nan"), pd.Timestamp("2026-11-22T12:00")
ROWS = pd.DataFrame({"label": ["a", "b"], "score": [0.9, 1.0]})

OUTPUTS = {
    "vector of floats": np.array([1.0, 2.5]),
    "vector of whole floats": np.array([1.0, 2.0], dtype="float32"),
    "half floats": np.ones((2, 3), dtype="float16"),
    "vector of integers": np.array([1, 2]),
    "unsigned bytes": np.array([[1, 2], [3, 4]], dtype="uint8"),
    "classes as text": np.array(["setosa", "virginica"]),
    "booleans": np.array([True, False]),
    "bytes": np.array([b"a", b"b"], dtype=object),
    "fixed-length bytes": np.array([b"a", b"bc"]),
    "objects": np.array(["a", None, 1.5], dtype=object),
    "matrix": np.ones((2, 3)),
    "four dimensions": np.zeros((2, 3, 4, 1)),
    "days": np.array(["2026-11-22", "2026-11-23"], dtype="datetime64[D]"),
    "microseconds": np.array(["2026-11-22"], dtype="datetime64[us]"),
    "nanoseconds": np.array(["2026-11-22"], dtype="datetime64[ns]"),
    "named tensors": {"logits": np.ones((2, 3)), "ids": np.array([1, 2])},
    "one named tensor": {"double": np.array([1.0])},
    "table": ROWS,
    "table with gaps": pd.DataFrame({"a": [1.0, NAN], "b": ["x", None]}),
    "table with nullable integers": pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}),
    "table with times": pd.DataFrame({"at": [NOON, NOON + pd.Timedelta("1ns")]}),
    "table with zoned times": pd.DataFrame({"at": [NOON.tz_localize("UTC")]}),
    "table with a time missing": pd.DataFrame({"at": [NOON, pd.NaT]}),
    "table with categories": pd.DataFrame({"a": pd.Categorical(["x", "y"])}),
    "table with bytes and booleans": pd.DataFrame({"a": [b"x"], "b": [True]}),
    "table with small numbers": pd.DataFrame(
        {"a": np.array([1], "int32"), "b": np.array([1], "f4")}
    ),
    "table with lists": pd.DataFrame({"a": [["x"], ["y", "z"]], "b": [[[1.0]], [[2.0], []]]}),
    "table with arrays": pd.DataFrame({"a": [np.array([1.0, 2.0]), np.array([3.0])]}),
    "table with objects": pd.DataFrame({"a": [{"x": 1, "y": {"z": "t"}}, {"x": 2}]}),
    "table without names": pd.DataFrame(np.ones((2, 2))),
    "table with an index": ROWS.set_index(pd.Index([7, 9])),
    "series": pd.Series([3, 5]),
    "named series": pd.Series([3.5, 5.5], name="price"),
    "series of text": pd.Series(["a", "b"]),
    "named series with a gap": pd.Series([1.5, NAN], name="price"),
    "list of text": ["a", "b"],
    "list of text with nothing": ["a", None],
    "list of numbers": [1.5, 2.0],
    "list of numpy's numbers": [np.float32(1.5), np.float32(2.0)],
    "list of booleans": [True, False],
    "list of times": [datetime(2026, 11, 22, 12, tzinfo=UTC)],
    "list of numpy's times": [np.datetime64("2026-11-22", "ns")],
    "list of lists": [["a"], ["b", "c"]],
    "list of lists with an empty one": [["a"], []],
    "list of arrays": [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
    "records": [{"text": "a", "tokens": ["x"]}, {"text": "b", "tokens": []}],
    "records that differ": [{"a": 1, "b": {"c": "d"}}, {"a": None}],
    "chat": [{"message": {"role": "assistant", "content": "a"}, "usage": {"tokens": 3}}],
    "one record": {"label": "a", "score": 0.5},
    "one record with lists": {"labels": ["a", "b"], "scores": [0.5, 0.5], "of": {"x": 1}},
    "one record with nothing": {"label": "a", "score": None},
    "mixed arrays and scalars": {"a": np.array([1.0, 2.0]), "b": 3},
    "number": 1.5,
    "numpy's number": np.float64(1.5),
    "numpy's integer": np.int64(2),
    "text": "a",
    "boolean": False,
    "bytes alone": b"a",
    "day": datetime(2026, 11, 22, tzinfo=UTC),
}
"""By its name, what a model's `predict` returned."""
