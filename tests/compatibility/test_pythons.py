"""Models that hold objects of the Python that saved them go live on an endpoint with that Python.

Given models that were logged by CPython 3.10 to 3.13, when they are registered, then each goes live
and answers as it did where it was logged.
"""

from collections.abc import Iterator

import pytest

from infra.local.system import LocalSystem
from tests.compatibility.environments import NEWEST, Environment
from tests.compatibility.live_models import LoggedModel
from tests.e2e.support.api_client import ApiClient

PYTHONS = ("3.10", "3.11", "3.12", "3.13")
MODELS = ("pipeline", "python_object", "from_code")
PACKAGES = (f"mlflow=={NEWEST.mlflow}", "scikit-learn")


@pytest.fixture(scope="module", params=PYTHONS)
def logged(
    request: pytest.FixtureRequest,
    system: LocalSystem,
    operator: ApiClient,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, LoggedModel]]:
    """Register the models that one Python has saved; they go live side by side."""
    folder = tmp_path_factory.mktemp("environment")
    environment = Environment(folder, python=request.param, packages=PACKAGES, on=NEWEST.day)
    arguments = (system.mlflow_url, "pickles", request.param, *MODELS)
    printed = environment.run("log_models.py", *arguments)
    yield {model: LoggedModel(**each) for model, each in printed.items()}
    for each in printed.values():
        operator.undeploy(each["name"]).raise_for_status()


@pytest.mark.parametrize("model", MODELS)
def test_a_model_answers_as_where_it_was_logged(
    operator: ApiClient, logged: dict[str, LoggedModel], model: str
) -> None:
    """A pickled pipeline with a lambda, a pickled class that names its Python, and source code."""
    logged[model].assert_live(operator)
