"""Models of older MLflows go live, and answer as the scoring server of their MLflow does.

Given models that were saved by MLflow 1.30 to 3.17, with packages of that time, with an input
example and without one, when their files are registered in today's MLflow, then each goes live, and
bodies of every input format are answered as by the scoring code of the model's own MLflow.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from functions.common.providers.huggingface import recipe
from tests.compatibility.environments import Environment
from tests.compatibility.live_models import assert_equal
from tests.e2e.support.api_client import ApiClient

VERSIONS = {
    "1.30.1": ("3.10", "2023-06-01"),
    "2.3.2": ("3.10", "2023-07-01"),
    "2.9.2": ("3.10", "2024-02-01"),
    "2.12.2": ("3.11", "2024-07-01"),
    "2.19.0": ("3.11", "2025-02-01"),
    "2.22.0": ("3.12", "2025-06-01"),
    "3.1.0": ("3.12", "2025-08-01"),
    "3.4.0": ("3.13", "2025-11-01"),
    "3.9.0": ("3.13", "2026-03-01"),
    "3.17.2": ("3.13", "2026-11-15"),
}
"""A Python of its time, and a day some weeks after its release, by MLflow."""
MODELS = ("sklearn-table-example", "sklearn-tensor", "python-table", "python-tensor-example")


RUNTIME = Path(recipe.__file__).parent / "runtime/predicting.py"


@pytest.fixture(scope="module", params=VERSIONS)
def environment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Environment]:
    """Return a version of MLflow, and its environment."""
    version: str = request.param
    python, day = VERSIONS[version]
    # Until 2.15, MLflow needs setuptools without asking for it; its server's test client, httpx.
    packages = (f"mlflow=={version}", "scikit-learn", "setuptools<80", "httpx")
    folder = tmp_path_factory.mktemp("environment")
    return version, Environment(folder, python=python, packages=packages, on=day)


@pytest.fixture(scope="module")
def saved(
    environment: tuple[str, Environment],
    operator: ApiClient,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Any]]:
    """Register the models that one MLflow has saved; they go live side by side."""
    version, mlflows = environment
    folder = tmp_path_factory.mktemp("models")
    answers = mlflows.run("score_models.py", str(folder), *MODELS)
    names = {model: f"{model}-{version}" for model in MODELS}
    yield {model: (_register(folder / model, names[model]), answers[model]) for model in MODELS}
    for name in names.values():
        operator.undeploy(name).raise_for_status()


def _register(files: Path, name: str) -> tuple[str, str]:
    """Register a model's files, as they lie in a registry since they were logged."""
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(files), "model")
    return name, str(mlflow.register_model(f"runs:/{run.info.run_id}/model", name).version)


def test_the_runtime_answers_as_that_mlflows_server(
    environment: tuple[str, Environment], tmp_path: Path
) -> None:
    """In one process: the runtime's own code, with signature and example, and without."""
    _, mlflows = environment

    found = mlflows.run("compare_runtime.py", str(RUNTIME), str(tmp_path))

    answers = [answer for formats in found.values() for answer in formats.values()]
    assert (6, 20) == (len(found), len(answers))
    assert [] == [(ours, theirs) for ours, theirs in answers if ours != theirs]
    # Without a signature some columns are no input; the rest is predicted.
    assert sum(ours == "refused" for ours, _ in answers) <= 4


@pytest.mark.parametrize("model", MODELS)
def test_a_model_answers_as_its_own_mlflow(
    operator: ApiClient, saved: dict[str, Any], model: str
) -> None:
    """In every input format; the example that was saved with it is found."""
    (name, version), answers = saved[model]
    operator.wait_until_live(name, version)

    for answer in answers:
        served = operator.predict(name, answer["body"])
        assert 200 == served.status_code, (answer["body"], served.text)
        assert_equal(answer["predictions"], served.json()["predictions"])
    info = operator.http.get(f"models/{name}").json()
    assert model.endswith("example") == (info["input_example"] is not None)
