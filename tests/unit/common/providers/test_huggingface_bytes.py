"""Bytes in a model's answers are base64 in one line, wherever they stand."""

import base64
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from functions.common.providers.huggingface.runtime.predicting import as_json

DATA = bytes(range(256)) * 2
TEXT = base64.b64encode(DATA).decode()


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [
        (DATA, TEXT),
        ([bytearray(DATA), memoryview(DATA)], [TEXT, TEXT]),
        ({"image": DATA}, {"image": TEXT}),
        (np.array([DATA + b"x"]), [base64.b64encode(DATA + b"x").decode()]),
        ({"image": np.array([DATA, None], dtype=object)}, {"image": [TEXT, None]}),
        ({"image": np.array([b"a", b"b"])}, {"image": ["YQ==", "Yg=="]}),
        (pd.DataFrame({"image": [DATA]}), [{"image": TEXT}]),
        (pd.Series([DATA], name="image"), [{"image": TEXT}]),
        ([{"rows": pd.DataFrame({"a": [1]}).to_numpy()}], [{"rows": [[1]]}]),
        ({"when": np.array(["2026-01-02"], dtype="datetime64[D]")}, {"when": ["2026-01-02"]}),
    ],
)
def test_bytes_are_base64_in_one_line(predictions: Any, expected: Any) -> None:
    """MLflow's own encoder breaks lines, and callers' decoders may refuse that."""
    assert expected == json.loads(as_json(predictions))
