"""Logs and registers models, in an environment of their own; imports nothing of ours.

Started with a tracking server's address, the module that has the models (`flavors`, `pickles`), a
suffix for the registered models' names, and the models. Prints one line of JSON: by model, its
registered name and version, a body with some rows, and the predictions for them by the model
itself.
"""

from __future__ import annotations

import importlib
import json
import logging
import sys
import warnings
from typing import Any

import mlflow
import pandas as pd


def main(tracking_uri: str, module: str, suffix: str, *models: str) -> None:
    """Register each of *models*."""
    warnings.simplefilter("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    mlflow.set_tracking_uri(tracking_uri)
    samples = importlib.import_module(module)
    registered = {
        model: registered_sample(getattr(samples, model)(), f"{model}-{suffix}") for model in models
    }
    sys.stdout.write("\n" + json.dumps(registered) + "\n")


def registered_sample(sample: Any, name: str) -> dict[str, Any]:
    """Register the model of *sample* under *name*."""
    with mlflow.start_run():
        logged = sample.log(name="model", input_example=sample.rows)
    version = mlflow.register_model(logged.model_uri, name).version
    return {
        "name": name,
        "version": str(version),
        "body": body(sample.rows),
        "predictions": sample.predictions,
    }


def body(rows: Any) -> dict[str, Any]:
    """Return a request's body with *rows*; a chat model's are its own body."""
    if isinstance(rows, dict):
        return rows
    if not isinstance(rows, pd.DataFrame):
        return {"inputs": rows.tolist()}
    dates = rows.select_dtypes("datetime").columns
    as_text = rows.astype(dict.fromkeys(dates, str))
    return {"dataframe_split": as_text.to_dict("split", index=False)}


if __name__ == "__main__":
    main(*sys.argv[1:])
