"""Saves a model and asks the runtime for predictions, in an environment with an older MLflow.

Started with the path of the runtime's `handler.py` and an empty folder. Prints one JSON object:
the runtime's answers by model and input format, and as `expected` the model's own predictions.
Imports nothing of ours.
"""

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

import mlflow.sklearn
import numpy as np
import pandas as pd
from mlflow.models.signature import infer_signature
from sklearn.linear_model import LinearRegression

TABLE = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0.5, 0.1, 0.9]})
ROWS = TABLE.to_numpy().tolist()
TARGET = [1.0, 2.0, 2.5]


def answers(handler_file, folder, model, signature, bodies):
    """Return the runtime's predictions, or its whole answer when it has none, by input format."""
    mlflow.sklearn.save_model(model, str(folder / "model"), signature=signature)
    shutil.copy(handler_file, folder / "handler.py")
    (folder / "hokus.json").write_text(json.dumps({"package": "p"}))
    spec = importlib.util.spec_from_file_location(folder.name, folder / "handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler = module.EndpointHandler(str(folder))
    found = {}
    for name, value in bodies.items():
        answer = handler({"inputs": {name: value}, "hokus": {"secret": "s"}})
        found[name] = answer.get("predictions", answer)
    return found


def main(handler_file, folder):
    os.environ.update(HOKUS_ENDPOINT_SECRET="s", HOKUS_DEPLOYMENT_ID="d")
    on_table = LinearRegression().fit(TABLE, TARGET)
    on_rows = LinearRegression().fit(np.array(ROWS), TARGET)
    predicted = on_rows.predict(np.array(ROWS))
    table_bodies = {
        "dataframe_split": {"columns": ["a", "b"], "data": ROWS},
        "dataframe_records": TABLE.to_dict("records"),
        "inputs": TABLE.to_dict("list"),
        "instances": TABLE.to_dict("records"),
    }
    models = {
        "table": (on_table, infer_signature(TABLE, predicted), table_bodies),
        "tensor": (
            on_rows,
            infer_signature(np.array(ROWS), predicted),
            {"inputs": ROWS, "instances": ROWS},
        ),
    }
    found = {"expected": predicted.tolist()}
    for name, (model, signature, bodies) in models.items():
        place = folder / name
        place.mkdir()
        found[name] = answers(handler_file, place, model, signature, bodies)
    sys.stdout.write("\n" + json.dumps(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
