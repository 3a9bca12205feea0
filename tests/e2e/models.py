"""Models as ML engineers register them; the names are the tests' own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True)
class Registered:
    """A registered version, a body to send and what the model itself says of it."""

    version: str
    body: dict[str, Any]
    predictions: list[Any]


def register(name: str, log: Callable[[], Any]) -> str:
    """Log a model and register it as *name*; its version."""
    with mlflow.start_run():
        logged = log()
    return str(mlflow.register_model(logged.model_uri, name).version)


def register_classifier(name: str, *, seed: int = 0) -> Registered:
    """Scikit-learn with a tensor signature; *seed* makes versions that differ."""
    rows, target = load_iris(return_X_y=True)
    chosen = np.random.default_rng(seed).choice(len(rows), 60, replace=False)
    model = LogisticRegression(max_iter=1000).fit(rows[chosen], target[chosen])
    version = register(
        name,
        lambda: mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(rows, model.predict(rows)),
            input_example=rows[:2],
        ),
    )
    sample = rows[::25]
    return Registered(version, {"inputs": sample.tolist()}, model.predict(sample).tolist())


def register_table_model(name: str) -> Registered:
    """A pipeline whose signature has named columns."""
    table = load_wine(as_frame=True)
    rows: pd.DataFrame = table.data.iloc[:, :4]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, table.target)
    version = register(
        name,
        lambda: mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(rows, model.predict(rows)),
            input_example=rows.head(2),
        ),
    )
    sample = rows.iloc[::40]
    body = {"dataframe_split": sample.to_dict(orient="split", index=False)}
    return Registered(version, body, model.predict(sample).tolist())


class Greeter(mlflow.pyfunc.PythonModel):  # type: ignore[misc]  # mlflow ships it untyped
    """Greets every row's name, as often as the parameter says."""

    def predict(self, _context: Any, model_input: pd.DataFrame, params: Any = None) -> list[str]:
        """One greeting a row, in order."""
        times = (params or {}).get("times", 1)
        return [" ".join(["hello"] * times + [name]) for name in model_input["name"]]


def register_greeter(name: str) -> Registered:
    """A custom PythonModel with named columns and a parameter."""
    example = pd.DataFrame({"name": ["Ada", "Grüße"]})
    signature = infer_signature(example, ["hello Ada"], params={"times": 1})
    version = register(
        name,
        lambda: mlflow.pyfunc.log_model(
            name="model", python_model=Greeter(), signature=signature, input_example=example
        ),
    )
    body = {"dataframe_records": [{"name": "Ada"}, {"name": "Zoë"}], "params": {"times": 2}}
    return Registered(version, body, ["hello hello Ada", "hello hello Zoë"])


class Broken(mlflow.pyfunc.PythonModel):  # type: ignore[misc]  # mlflow ships it untyped
    """Cannot be loaded."""

    def load_context(self, _context: Any) -> None:
        """Fail as a model fails whose weights are missing."""
        raise RuntimeError("the weights are missing")

    def predict(self, _context: Any, model_input: pd.DataFrame) -> list[str]:
        """Never called."""
        return list(model_input["name"])


def register_broken(name: str) -> str:
    """A model that cannot start; its version."""
    example = pd.DataFrame({"name": ["Ada"]})
    return register(
        name,
        lambda: mlflow.pyfunc.log_model(
            name="model", python_model=Broken(), signature=infer_signature(example, ["Ada"])
        ),
    )
