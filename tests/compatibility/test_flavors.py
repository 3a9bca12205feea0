"""Models of MLflow's flavors go live and answer as their library does.

Given a model of each flavor, trained and logged in an environment with its library, when it is
registered, then it goes live, and the API predicts what the library itself predicted. What each
flavor costs is printed at the end as a table for docs/supported-models.md.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.system import LocalSystem
from tests.compatibility.costs import Costs
from tests.compatibility.environments import NEWEST, Environment
from tests.compatibility.live_models import LoggedModel
from tests.e2e.support.api_client import ApiClient

PYTHON = "3.12"
PACKAGES = {
    "sklearn": ["scikit-learn"],
    "xgboost": ["xgboost", "scikit-learn"],
    "lightgbm": ["lightgbm"],
    "catboost": ["catboost"],
    "onnx": ["onnx", "onnxruntime"],
    "statsmodels": ["statsmodels"],
    "prophet": ["prophet"],
    "pmdarima": ["pmdarima"],
    "spacy": ["spacy"],
    "tensorflow": ["tensorflow"],
    "keras": ["keras", "tensorflow"],
    "paddle": ["paddlepaddle"],
    "shap": ["shap", "scikit-learn"],
    "python_model": [],
    "chat_model": [],
    "chat_agent": [],
    "responses_agent": [],
}
"""What an engineer installs beside MLflow, by flavor."""
LOADERS = {
    "python_model": "mlflow.pyfunc.model",
    "chat_model": "mlflow.pyfunc.loaders.chat_model",
    "chat_agent": "mlflow.pyfunc.loaders.chat_agent",
    "responses_agent": "mlflow.pyfunc.loaders.responses_agent",
}
"""What loads a flavor; `mlflow.<flavor>` where nothing is said."""


@pytest.fixture(params=PACKAGES)
def registered(
    request: pytest.FixtureRequest, system: LocalSystem, operator: ApiClient, tmp_path: Path
) -> Iterator[tuple[str, LoggedModel]]:
    """Register a model of a flavor; undeployed afterwards, so that memory is left for the next."""
    flavor: str = request.param
    packages = (f"mlflow=={NEWEST.mlflow}", *PACKAGES[flavor])
    environment = Environment(tmp_path / "venv", python=PYTHON, packages=packages, on=NEWEST.day)
    printed = environment.run("log_models.py", system.mlflow_url, "flavors", "model", flavor)
    model = LoggedModel(**printed[flavor])
    yield flavor, model
    operator.undeploy(model.name).raise_for_status()


def test_a_flavor_answers_as_its_library(
    system: LocalSystem,
    operator: ApiClient,
    costs: dict[str, Costs],
    registered: tuple[str, LoggedModel],
) -> None:
    """The costs are measured after the first prediction."""
    flavor, model = registered

    deployment = model.assert_live(operator)

    costs[flavor] = Costs.of(system, deployment)
