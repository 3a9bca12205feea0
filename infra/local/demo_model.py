"""A model as an ML engineer makes one: trained, logged with signature and example, registered."""

import logging
import os
from dataclasses import dataclass
from typing import Any

import mlflow
import numpy as np
from mlflow.models import infer_signature
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A logged model and rows that it has not seen.

    Attributes:
        uri: Where MLflow keeps it.
        rows: Shape (5, 4), float64.
        predictions: What the model itself says of *rows*, in their order.
    """

    uri: str
    rows: np.ndarray[Any, np.dtype[np.float64]]
    predictions: list[int]


def train_and_log(tracking_uri: str) -> TrainedModel:
    """Train a classifier on the iris data set and log it to MLflow."""
    data, target = load_iris(return_X_y=True)
    seen, unseen, labels, _ = train_test_split(data, target, test_size=0.2, random_state=7)
    model = LogisticRegression(max_iter=1000).fit(seen, labels)
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    mlflow.set_tracking_uri(tracking_uri)
    with mlflow.start_run():
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(seen, model.predict(seen)),
            input_example=seen[:2],
        )
    rows = unseen[:5]
    return TrainedModel(logged.model_uri, rows, model.predict(rows).tolist())
