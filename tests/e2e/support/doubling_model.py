"""A small model that doubles the column `x`: what it takes, what it answers, how to log it."""

import importlib
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature

from tests.e2e.support.canaries import METADATA
from tests.e2e.support.registered_models import PYTHON_MODEL_REQUIREMENTS, log_model

EXAMPLE = pd.DataFrame({"x": [1.0, 2.0, -3.5]})
WITH_ANOTHER_COLUMN = EXAMPLE.assign(y=0.5)
BODY = {"dataframe_records": [{"x": 1.0}, {"x": 2.0}, {"x": -3.5}]}
DOUBLED = [2.0, 4.0, -7.0]
"""The right predictions for BODY."""


def log_doubling_model(
    class_name: str = "DoublingModel",
    requirements: tuple[str, ...] = tuple(PYTHON_MODEL_REQUIREMENTS),
    example: pd.DataFrame = EXAMPLE,
) -> str:
    """Log a model of the class of `faulty_models` that has this name; return its URI.

    Its signature takes the columns of *example*.
    """
    return log_model(
        lambda: mlflow.pyfunc.log_model(
            name="model",
            metadata=METADATA,
            python_model=_new_model(class_name),
            signature=infer_signature(example, np.array(DOUBLED)),
            input_example=example,
            pip_requirements=list(requirements),
        )
    )


def _new_model(class_name: str) -> Any:
    """Return a new model; called while `log_model` ignores warnings.

    MLflow warns when its base class is imported, so `faulty_models` is imported here.
    """
    faulty_models = importlib.import_module("tests.e2e.support.faulty_models")
    return getattr(faulty_models, class_name)()


def register_version(model: str, uri: str, tags: dict[str, str] | None = None) -> str:
    """Register the model logged at *uri* as the next version of *model*; return its number."""
    return str(mlflow.register_model(uri, model, tags=tags).version)
