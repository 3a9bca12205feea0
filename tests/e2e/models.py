"""Models as ML engineers register them; the names are the tests' own."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import sklearn
from mlflow.models import infer_signature
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

PYTHON_MODEL_REQUIREMENTS = ["cloudpickle", "pandas", "pyarrow"]


@dataclass(frozen=True)
class Registered:
    """A registered version, a body to send and what the model itself says of it."""

    version: str
    body: dict[str, Any]
    predictions: list[Any]


def logged(log: Callable[[], Any]) -> str:
    """Log a model; its address, under which it can be registered as often as one likes.

    What MLflow and pandas warn of meanwhile is between them and the people who log models.
    """
    with warnings.catch_warnings(), mlflow.start_run():
        warnings.simplefilter("ignore")
        return str(log().model_uri)


def register(name: str, log: Callable[[], Any]) -> str:
    """Log a model and register it as *name*; its version."""
    return str(mlflow.register_model(logged(log), name).version)


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
            # Given, as people do who know what they need; the table's model has them inferred.
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
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


def greeter() -> Any:
    """A model whose class is made here, so that it is pickled whole and not by its name."""

    class Greeter(mlflow.pyfunc.PythonModel):
        """Greets every row's name, as often as the parameter says; one greeting a row."""

        # Without type hints, which mlflow would take for the model's signature.
        def predict(self, context, model_input, params=None):  # noqa: ARG002
            times = (params or {}).get("times", 1)
            return [" ".join(["hello"] * times + [name]) for name in model_input["name"]]

    return Greeter()


def register_greeter(name: str) -> Registered:
    """A custom PythonModel with named columns and a parameter."""
    example = pd.DataFrame({"name": ["Ada", "Grüße"]})
    signature = infer_signature(example, ["hello Ada"], params={"times": 1})
    version = register(
        name,
        lambda: mlflow.pyfunc.log_model(
            name="model",
            python_model=greeter(),
            signature=signature,
            input_example=example,
            pip_requirements=PYTHON_MODEL_REQUIREMENTS,
        ),
    )
    body = {"dataframe_records": [{"name": "Ada"}, {"name": "Zoë"}], "params": {"times": 2}}
    return Registered(version, body, ["hello hello Ada", "hello hello Zoë"])


def broken() -> Any:
    """A model that cannot be loaded, as one whose weights are missing."""

    class Broken(mlflow.pyfunc.PythonModel):
        """Never gets as far as a prediction."""

        def load_context(self, context):  # noqa: ARG002
            raise RuntimeError("the weights are missing")

        def predict(self, context, model_input):  # noqa: ARG002
            return model_input

    return Broken()


def register_broken(name: str) -> str:
    """A model that cannot start; its version."""
    example = pd.DataFrame({"name": ["Ada"]})
    return register(
        name,
        lambda: mlflow.pyfunc.log_model(
            name="model",
            python_model=broken(),
            signature=infer_signature(example, ["Ada"]),
            pip_requirements=PYTHON_MODEL_REQUIREMENTS,
        ),
    )
