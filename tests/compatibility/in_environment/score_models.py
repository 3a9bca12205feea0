"""Saves models under the MLflow of this environment, and asks its scoring server's code.

Started with a folder and the models that are to be saved there, `…-example` with an input example;
imports nothing of ours. Prints one line of JSON: for each model, the answers to bodies of every
input format, as `[{"body": …, "predictions": …}, …]`.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models.signature import infer_signature
from mlflow.pyfunc import scoring_server
from sklearn.linear_model import LinearRegression

TABLE = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.5, 0.1, 0.9]})
MIXED = pd.DataFrame({"name": ["Ada", "Zoë"], "times": [2, 3], "price": [1.5, 0.1]})
ORDERED = pd.DataFrame({"name": ["ADA"], "total": [3.0]})
ROWS = TABLE.to_numpy()
TARGET = [1.0, 2.0, 2.5]


class Orders(mlflow.pyfunc.PythonModel):
    """Returns a table: a text and a sum for each row."""

    def predict(self, context, model_input):  # noqa: ARG002
        total = model_input["times"] * model_input["price"]
        return pd.DataFrame({"name": model_input["name"].str.upper(), "total": total})


class Flipped(mlflow.pyfunc.PythonModel):
    """Returns its array upside down."""

    def predict(self, context, model_input):  # noqa: ARG002
        return model_input[::-1] * 2


def main(folder: str, *names: str) -> None:
    """Save the models *names* in *folder*."""
    warnings.simplefilter("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    found = {name: saved(name, str(Path(folder) / name)) for name in names}
    sys.stdout.write("\n" + json.dumps(found) + "\n")


def saved(name: str, place: str) -> list[dict[str, Any]]:
    """Save a model; return the scoring code's answers in every input format."""
    kind = name.replace("-example", "")
    rows = {"sklearn-table": TABLE, "python-table": MIXED}.get(kind, ROWS)
    outputs = {"python-table": ORDERED, "python-tensor": ROWS}.get(kind, np.array(TARGET))
    options = {"path": place, "signature": infer_signature(rows, outputs)}
    if kind != name:
        options["input_example"] = rows[:2]
    if kind.startswith("sklearn"):
        mlflow.sklearn.save_model(LinearRegression().fit(rows, TARGET), **options)
    else:
        model = Orders() if kind == "python-table" else Flipped()
        mlflow.pyfunc.save_model(python_model=model, **options)
    loaded = mlflow.pyfunc.load_model(place)
    return [{"body": each, "predictions": predictions(loaded, each)} for each in bodies(rows)]


def bodies(rows: Any) -> list[dict[str, Any]]:
    """Return *rows* in every input format that fits them."""
    if not isinstance(rows, pd.DataFrame):
        return [{"inputs": rows.tolist()}, {"instances": rows.tolist()}]
    split = rows.to_dict("split")
    records = rows.to_dict("records")
    return [
        {"dataframe_split": {"columns": split["columns"], "data": split["data"]}},
        {"dataframe_records": records},
        {"inputs": rows.to_dict("list")},
        {"instances": records},
    ]


def predictions(model: Any, body: dict[str, Any]) -> Any:
    """Return what the scoring server of this MLflow answers to *body*."""
    if hasattr(scoring_server, "invocations"):
        schema = model.metadata.get_input_schema()
        text = json.dumps(body)
        answer = scoring_server.invocations(text, "application/json", model, schema)
        status, content = answer.status, answer.response
    else:
        answer = scoring_server.init(model).test_client().post("/invocations", **request(body))
        status, content = answer.status_code, answer.get_data(as_text=True)
    if status != 200:
        raise RuntimeError(content)
    found = json.loads(content)
    return found["predictions"] if isinstance(found, dict) else found


def request(body: dict[str, Any]) -> dict[str, Any]:
    """Return *body* as the server takes it, which before MLflow 2 names tables by their type."""
    for format_ in ("split", "records"):
        table = body.get(f"dataframe_{format_}")
        if table is not None and mlflow.__version__.startswith("1."):
            type_ = f"application/json; format=pandas-{format_}"
            return {"data": json.dumps(table), "content_type": type_}
    return {"data": json.dumps(body), "content_type": "application/json"}


if __name__ == "__main__":
    main(*sys.argv[1:])
