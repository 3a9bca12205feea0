"""Compares the runtime with MLflow's own server, in an environment with one version of it.

Started with the path of the runtime's `predicting.py` and an empty folder. Prints one JSON object:
by model and input format, what the runtime answers and what MLflow's server does. Imports nothing
else of ours.
"""

import importlib.util
import json
import logging
import sys
from pathlib import Path

import mlflow.pyfunc
import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models.signature import infer_signature
from mlflow.pyfunc import scoring_server
from sklearn.linear_model import LinearRegression

TABLE = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.5, 0.1, 0.9]})
ROWS = TABLE.to_numpy().tolist()
TARGET = [1.0, 2.0, 2.5]
TABLE_BODIES = {
    "dataframe_split": {"columns": ["a", "b"], "data": ROWS},
    "dataframe_records": TABLE.to_dict("records"),
    "inputs": TABLE.to_dict("list"),
    "instances": TABLE.to_dict("records"),
}
TENSOR_BODIES = {"inputs": ROWS, "instances": ROWS}
IN_MLFLOW_1 = {
    "dataframe_split": "application/json; format=pandas-split",
    "dataframe_records": "application/json; format=pandas-records",
}
"""Tables are the whole body there; their form is in the content type."""
REFUSED = "refused"


class Custom(mlflow.pyfunc.PythonModel):
    """Returns a table with a date and a gap."""

    def predict(self, context, model_input, params=None):  # noqa: ARG002
        table = pd.DataFrame(model_input)
        total = table.sum(axis=1).to_numpy()
        gap = [None] * (len(total) - 1) + ["x"]
        return pd.DataFrame({"total": total, "day": pd.Timestamp("2026-11-30"), "gap": gap})


def of_runtime(predicting, model, body):
    try:
        # Parsed anew: older versions change what they are given.
        return json.loads(model.predict(json.loads(json.dumps(body))))
    except predicting.RefusedError:
        return REFUSED


def of_server(model, body):
    """Return the predictions in the answer of MLflow's own server."""
    (name,) = body
    content, content_type = json.dumps(body), "application/json"
    if mlflow.__version__.startswith("1.") and name in IN_MLFLOW_1:
        content, content_type = json.dumps(body[name]), IN_MLFLOW_1[name]
    app = scoring_server.init(model)
    headers = {"Content-Type": content_type}
    if hasattr(app, "test_client"):
        answer = app.test_client().post("/invocations", data=content, headers=headers)
        text = answer.get_data(as_text=True)
    else:
        from starlette.testclient import TestClient  # noqa: PLC0415 - not in every environment

        text = TestClient(app).post("/invocations", content=content, headers=headers).text
    # JSON has no NaN, which is a missing text in pandas 3: the runtime answers null.
    answered = json.loads(text, parse_constant=lambda _nan: None)
    if "error_code" in answered:
        return REFUSED
    # A plain list in MLflow 1.
    return answered["predictions"] if isinstance(answered, dict) else answered


def saved(folder):
    """Save each model with signature and example, and without; yield name, folder and bodies."""
    on_table = LinearRegression().fit(TABLE, TARGET)
    on_rows = LinearRegression().fit(np.array(ROWS), TARGET)
    answers = Custom().predict(None, TABLE)
    for name, model, data, predicted, bodies in (
        ("sklearn table", on_table, TABLE, np.array(TARGET), TABLE_BODIES),
        ("sklearn tensor", on_rows, np.array(ROWS), np.array(TARGET), TENSOR_BODIES),
        ("PythonModel", Custom(), TABLE, answers[["total"]], TABLE_BODIES),
    ):
        described = {"signature": infer_signature(data, predicted), "input_example": data}
        for way, more in (("with example", described), ("without", {})):
            place = folder / f"{name} {way}"
            place.mkdir()
            if name == "PythonModel":
                mlflow.pyfunc.save_model(str(place / "model"), python_model=model, **more)
            else:
                mlflow.sklearn.save_model(model, str(place / "model"), **more)
            yield place, bodies


def main(runtime, folder):
    spec = importlib.util.spec_from_file_location("predicting", runtime)
    assert spec
    assert spec.loader
    predicting = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(predicting)
    found = {}
    for place, bodies in saved(folder):
        theirs = mlflow.pyfunc.load_model(str(place / "model"))
        ours = predicting.LoadedModel(str(place))
        found[place.name] = {
            name: [of_runtime(predicting, ours, {name: value}), of_server(theirs, {name: value})]
            for name, value in bodies.items()
        }
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
