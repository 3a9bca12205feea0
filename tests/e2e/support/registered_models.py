"""Models of several kinds, logged and registered in MLflow as an ML engineer would."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import mlflow
import numpy as np
import pandas as pd
import sklearn
from mlflow.models import infer_signature
from sklearn.datasets import load_iris, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from infra.local.parts import ARTIFACT_BUCKET
from tests.e2e.support.canaries import FRACTION, METADATA

CONTAINER_MODEL = Path(__file__).parent / "container_model.py"
PYTHON_MODEL_REQUIREMENTS = ["cloudpickle", "pandas", "pyarrow"]


@dataclass(frozen=True)
class RegisteredVersion:
    """A registered version, a body to send and the predictions expected for it.

    Attributes:
        predictions: Computed by the model in this process.
    """

    version: str
    body: dict[str, Any]
    predictions: list[Any]


@dataclass(frozen=True)
class LoggedModel:
    """A model that is logged and not yet registered, with what is sent to it and expected of it."""

    uri: str
    body: dict[str, Any]
    predictions: list[Any]

    def register(self, name: str) -> RegisteredVersion:
        """Register it as the next version of *name*."""
        version = str(mlflow.register_model(self.uri, name).version)
        return RegisteredVersion(version, self.body, self.predictions)


def new_experiment_in_bucket() -> str:
    """Return the id of a new experiment that keeps its models in S3, as Hokusai's MLflow does."""
    return str(mlflow.create_experiment(uuid4().hex, artifact_location=f"s3://{ARTIFACT_BUCKET}/1"))


def log_model(log: Callable[[], Any], *, experiment_id: str | None = None) -> str:
    """Log a model in a run of its own; return its URI, which can be registered repeatedly.

    Warnings of MLflow and pandas are ignored: they concern whoever logs the model.
    """
    with warnings.catch_warnings(), mlflow.start_run(experiment_id=experiment_id):
        warnings.simplefilter("ignore")
        return str(log().model_uri)


def register(name: str, log: Callable[[], Any], *, experiment_id: str | None = None) -> str:
    """Log a model and register it as *name*; return its version."""
    return str(mlflow.register_model(log_model(log, experiment_id=experiment_id), name).version)


def register_classifier(
    name: str, *, seed: int = 0, experiment_id: str | None = None
) -> RegisteredVersion:
    """Log a classifier and register it as *name*."""
    return log_classifier(seed=seed, experiment_id=experiment_id).register(name)


def log_classifier(*, seed: int = 0, experiment_id: str | None = None) -> LoggedModel:
    """Log a scikit-learn model with a tensor signature; another *seed*, another model."""
    rows, target = load_iris(return_X_y=True)
    chosen = np.random.default_rng(seed).choice(len(rows), 60, replace=False)
    model = LogisticRegression(max_iter=1000).fit(rows[chosen], target[chosen])
    uri = log_model(
        lambda: mlflow.sklearn.log_model(
            model,
            name="model",
            metadata=METADATA,
            signature=infer_signature(rows, model.predict(rows)),
            input_example=rows[:2],
            # Stated here; `log_table_model` lets MLflow infer them.
            pip_requirements=[f"scikit-learn=={sklearn.__version__}"],
        ),
        experiment_id=experiment_id,
    )
    sample = np.round(rows[::25] + FRACTION, 12)
    return LoggedModel(uri, {"inputs": sample.tolist()}, model.predict(sample).tolist())


def log_table_model() -> LoggedModel:
    """Log a scikit-learn pipeline whose signature has named columns."""
    table = load_wine(as_frame=True)
    rows: pd.DataFrame = table.data.iloc[:, :4]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, table.target)
    uri = log_model(
        lambda: mlflow.sklearn.log_model(
            model,
            name="model",
            metadata=METADATA,
            signature=infer_signature(rows, model.predict(rows)),
            input_example=rows.head(2),
        ),
    )
    sample = (rows.iloc[::40] + FRACTION).round(12)
    body = {"dataframe_split": sample.to_dict(orient="split", index=False)}
    return LoggedModel(uri, body, model.predict(sample).tolist())


def greeter() -> Any:
    """Return a custom model; its class is local so that it is pickled whole, not by name."""

    class Greeter(mlflow.pyfunc.PythonModel):
        """Returns one greeting a row, with `times` times "hello"."""

        # Without type hints, which mlflow would take for the model's signature.
        def predict(self, context, model_input, params=None):  # noqa: ARG002
            times = (params or {}).get("times", 1)
            return [" ".join(["hello"] * times + [name]) for name in model_input["name"]]

    return Greeter()


def register_greeter(name: str) -> RegisteredVersion:
    """Register a custom PythonModel with named columns and a parameter."""
    example = pd.DataFrame({"name": ["Ada", "Grüße"]})
    signature = infer_signature(example, ["hello Ada"], params={"times": 1})
    version = register(
        name,
        lambda: mlflow.pyfunc.log_model(
            name="model",
            metadata=METADATA,
            python_model=greeter(),
            signature=signature,
            input_example=example,
            pip_requirements=PYTHON_MODEL_REQUIREMENTS,
        ),
    )
    body = {"dataframe_records": [{"name": "Ada"}, {"name": "Zoë"}], "params": {"times": 2}}
    return RegisteredVersion(version, body, ["hello hello Ada", "hello hello Zoë"])


def unloadable() -> Any:
    """Return a model that raises while it is loaded."""

    class Unloadable(mlflow.pyfunc.PythonModel):
        """Raises in `load_context`."""

        def load_context(self, context):  # noqa: ARG002
            raise RuntimeError("the weights are missing")

        def predict(self, context, model_input):  # noqa: ARG002
            return model_input

    return Unloadable()


def log_unloadable_model() -> str:
    """Log a model that cannot be loaded, with the classifier's signature; return its URI.

    Another signature would break callers of the classifier, and so be refused before.
    """
    rows, target = load_iris(return_X_y=True)
    return log_model(
        lambda: mlflow.pyfunc.log_model(
            name="model",
            metadata=METADATA,
            python_model=unloadable(),
            signature=infer_signature(rows, target),
            pip_requirements=PYTHON_MODEL_REQUIREMENTS,
        )
    )


def log_container_model() -> str:
    """Log the model that answers with cores and threads; return its URI."""
    example = pd.DataFrame({"x": [1.0]})
    return log_model(
        lambda: mlflow.pyfunc.log_model(
            name="model",
            python_model=str(CONTAINER_MODEL),
            signature=infer_signature(example, np.array([[1.0, 1.0]])),
            input_example=example,
            pip_requirements=[*PYTHON_MODEL_REQUIREMENTS, "threadpoolctl"],
        )
    )
