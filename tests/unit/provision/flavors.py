"""Real models of several flavors, saved by mlflow itself, as the packaging task gets them."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import lightgbm
import mlflow
import numpy as np
import pandas as pd
import statsmodels.api as sm
from mlflow.models import infer_signature
from pydantic import BaseModel
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

REQUIREMENTS = ["cloudpickle", "pandas", "numpy"]


type Save = Callable[[Path], Any]
"""Writes a model to a folder that is not there yet; returns rows to predict with."""


@dataclass(frozen=True)
class Flavor:
    """A way to save a model, with its name for test reports."""

    name: str
    save: Save


def scaled_model() -> Any:
    """Return a custom model; its class is created here because mlflow warns at its creation."""

    class Scaled(mlflow.pyfunc.PythonModel):
        """Multiplies its column by a parameter; returns a table with the factor and a date."""

        # Without type hints: mlflow would take them for the model's signature.
        def predict(self, context, model_input, params=None):  # noqa: ARG002
            if (model_input["amount"] < 0).any():
                raise ValueError("amount must not be negative")
            if (model_input["amount"] > 1e6).any():
                raise RuntimeError("out of luck")
            scaled = model_input["amount"] * params["factor"]
            return pd.DataFrame(
                {"scaled": scaled, "day": pd.Timestamp("2026-11-22"), "gap": np.nan}
            )

    return Scaled()


MODEL_FROM_CODE = """
import mlflow
import pandas as pd


class Lengths(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["text"].str.len().rename("length")


mlflow.models.set_model(Lengths())
"""


class Shouting(mlflow.pyfunc.PythonModel):
    """Typed by hints, from which mlflow makes the signature."""

    def predict(self, model_input: list[str]) -> list[str]:
        return [text.upper() for text in model_input]


class Verdict(BaseModel):
    """The answer of a typed model."""

    text: str
    score: float
    tags: list[str]
    note: str | None = None


class Judging(mlflow.pyfunc.PythonModel):
    """Returns pydantic objects."""

    def predict(self, model_input: list[str]) -> list[Verdict]:
        return [Verdict(text=text, score=0.5, tags=[]) for text in model_input]


class Counting(mlflow.pyfunc.PythonModel):
    """Returns maps."""

    def predict(self, model_input: list[str]) -> list[dict[str, int]]:
        return [{letter: text.count(letter) for letter in text} for text in model_input]


class Splitting(mlflow.pyfunc.PythonModel):
    """Returns lists."""

    def predict(self, model_input: list[str]) -> list[list[str]]:
        return [list(text) for text in model_input]


class Dating(mlflow.pyfunc.PythonModel):
    """Returns times."""

    def predict(self, model_input: list[str]) -> list[datetime]:
        return [datetime.fromisoformat(f"2026-11-22T12:00:0{len(text)}") for text in model_input]


class Anything(mlflow.pyfunc.PythonModel):
    """Returns values of any type."""

    def predict(self, model_input: list[str]) -> list[Any]:
        return [len(model_input), None, {"a": []}]


def save_sklearn_tensor(path: Path) -> Any:
    features, desired = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=500).fit(features, desired)
    signature = infer_signature(features, model.predict(features))
    mlflow.sklearn.save_model(
        model,
        path,
        signature=signature,
        input_example=features[:3],
        pip_requirements=["scikit-learn", *REQUIREMENTS],
    )
    return features[:5]


def save_sklearn_columns(path: Path) -> Any:
    rows = pd.DataFrame({"colour": ["red", "blue", "red", "green"], "size": [1.0, 2.5, 3.0, 0.5]})
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["colour"]), remainder="passthrough"),
        LogisticRegression(),
    ).fit(rows, ["a", "b", "a", "b"])
    mlflow.sklearn.save_model(
        model,
        path,
        signature=infer_signature(rows, model.predict(rows)),
        pip_requirements=["scikit-learn", *REQUIREMENTS],
        serialization_format="cloudpickle",
    )
    return rows


def save_python_model(path: Path) -> Any:
    rows = pd.DataFrame({"amount": [1.5, 2.0]})
    params = {"factor": 2.0}
    model = scaled_model()
    answer = model.predict(None, rows, params)
    mlflow.pyfunc.save_model(
        path,
        python_model=model,
        signature=infer_signature(rows, answer, params=params),
        pip_requirements=REQUIREMENTS,
    )
    return rows


def save_model_from_code(path: Path) -> Any:
    code = path.parent / "lengths.py"
    code.write_text(MODEL_FROM_CODE)
    rows = pd.DataFrame({"text": ["one", "three", "Grüße"]})
    mlflow.pyfunc.save_model(
        path,
        python_model=str(code),
        signature=infer_signature(rows, pd.Series([3, 5, 5])),
        pip_requirements=REQUIREMENTS,
    )
    return rows


def save_typed_python_model(path: Path) -> Any:
    mlflow.pyfunc.save_model(path, python_model=Shouting(), pip_requirements=REQUIREMENTS)
    return ["one", "Grüße"]


def typed(model: type[mlflow.pyfunc.PythonModel]) -> "Flavor":
    """Return a way to save *model*, whose signature comes from its type hints."""

    def save(path: Path) -> Any:
        mlflow.pyfunc.save_model(path, python_model=model(), pip_requirements=REQUIREMENTS)
        return ["one", "Grüße"]

    return Flavor(f"{model.__name__}, typed by hints", save)


def save_multioutput(path: Path) -> Any:
    features, desired = load_diabetes(return_X_y=True, as_frame=True)
    desired_deployments = pd.DataFrame({"now": desired, "later": desired * 2})
    model = LinearRegression().fit(features, desired_deployments)
    mlflow.sklearn.save_model(
        model,
        path,
        signature=infer_signature(features, desired_deployments),
        pip_requirements=["scikit-learn", *REQUIREMENTS],
        serialization_format="cloudpickle",
    )
    return features[:4]


def save_lightgbm(path: Path) -> Any:
    features, desired = load_diabetes(return_X_y=True, as_frame=True)
    model = lightgbm.LGBMRegressor(n_estimators=5, verbose=-1).fit(features, desired)
    mlflow.lightgbm.save_model(
        model,
        path,
        signature=infer_signature(features, model.predict(features)),
        pip_requirements=["lightgbm", "scikit-learn", *REQUIREMENTS],
        serialization_format="cloudpickle",
    )
    return features[:4]


def save_statsmodels(path: Path) -> Any:
    features, desired = load_diabetes(return_X_y=True, as_frame=True)
    model = sm.OLS(desired, features).fit()
    mlflow.statsmodels.save_model(
        model,
        path,
        signature=infer_signature(features, model.predict(features)),
        pip_requirements=["statsmodels", *REQUIREMENTS],
    )
    return features[:4]


FLAVORS = (
    Flavor("sklearn with a tensor", save_sklearn_tensor),
    Flavor("sklearn pipeline with named columns", save_sklearn_columns),
    Flavor("PythonModel with params", save_python_model),
    Flavor("pyfunc from code", save_model_from_code),
    Flavor("PythonModel typed by hints", save_typed_python_model),
    Flavor("lightgbm", save_lightgbm),
    Flavor("statsmodels", save_statsmodels),
    Flavor("sklearn with two desired_deployments", save_multioutput),
)
HINTED = tuple(typed(model) for model in (Judging, Counting, Splitting, Dating, Anything))
"""Whose answers are too rich to be compared digit by digit."""


def without_mlflow_advice() -> Any:
    """Suppress mlflow's advice on type hints, which it prints whatever the filters are."""
    return warnings.catch_warnings(record=True, action="ignore")


def quietly(save: Save, path: Path) -> Any:
    """Return *save* without mlflow's advice."""
    with without_mlflow_advice():
        return save(path)
