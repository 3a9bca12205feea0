"""A model that does what its input says; logged from this file, as code.

A row is `{"do": …, "with": …}`.
"""

import os
import sys
import time
from pathlib import Path
from uuid import uuid4

import mlflow
import numpy as np
import pandas as pd


def slept(value):
    """Return when the sleep began and ended."""
    began = time.monotonic()
    time.sleep(value)
    return [[began, time.monotonic()]]


def held(folder):
    """Leave a file in *folder*, and wait for the file `go` there."""
    Path(folder, uuid4().hex).touch()
    while not Path(folder, "go").exists():
        time.sleep(0.01)
    return [1]


def table(_value):
    return pd.DataFrame(
        {
            "ratio": [0.5, np.nan, np.inf],
            "day": pd.to_datetime(["2026-11-30", None, "2026-12-01T01:02:03"], format="ISO8601"),
            "count": pd.array([1, None, 3], dtype="Int64"),
        }
    )


@mlflow.trace
def traced(value):
    return [value]


def raised(error):
    raise error


ACTIONS = {
    "sleep": slept,
    "hold": held,
    "table": table,
    "array": lambda _value: np.array([[1, 2], [3, 4]], dtype="int32"),
    "trace": traced,
    "environment": lambda _value: [dict(os.environ)],
    "modules": lambda _value: [[*sys.modules], sys.path],
    "reject": lambda value: raised(ValueError(f"no {value}")),
    "break": lambda value: raised(RuntimeError(f"broken by {value}")),
    "exit": lambda _value: sys.exit(7),
    "no JSON": lambda value: [object(), value],
}


class Directed(mlflow.pyfunc.PythonModel):
    def load_context(self, context):  # noqa: ARG002
        """Load as the variable LOADING says: for ever, or not at all."""
        loading = os.environ.get("LOADING", "")
        if loading == "fails":
            raise RuntimeError("a file is missing\nfrom the model")
        while loading and not Path(loading).exists():
            time.sleep(0.05)

    def predict(self, context, model_input, params=None):  # noqa: ARG002
        return ACTIONS[model_input["do"][0]](model_input["with"][0])


mlflow.models.set_model(Directed())
