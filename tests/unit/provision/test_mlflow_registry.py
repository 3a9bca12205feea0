"""The registry's adapter on a real MLflow registry, in SQLite and on disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from pydantic import ValidationError

from functions.provision.mlflow_registry import Credentials, MlflowModelRegistry
from functions.provision.registry import VersionNotReadyError
from tests.unit.provision.flavors import (
    Save,
    quietly,
    save_python_model,
    save_sklearn_tensor,
    save_typed_python_model,
)

# MLflow's tables use what SQLAlchemy has come to discourage.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NAME = "Grüße an #1 & 50% ?"
"""Registered models may be called anything without a slash or a colon."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A tracking store of its own; mlflow's address is the process's, so it is put back."""
    folder = tmp_path_factory.mktemp("mlflow")
    before = mlflow.get_tracking_uri()
    yield folder
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="module")
def registry(home: Path) -> MlflowModelRegistry:
    return MlflowModelRegistry(f"sqlite:///{home}/mlflow.db", Credentials())


def registered(home: Path, registry: MlflowModelRegistry, name: str, save: Save) -> Any:
    """Version of *name* with a model that *save* writes; *registry* has set the address."""
    assert registry
    folder = home / f"{save.__name__}-{name.encode().hex()}"
    quietly(save, folder)
    client = MlflowClient()
    client.create_registered_model(name)
    return client.create_model_version(name, str(folder), tags={"owner": "us"})


def test_a_version_is_described_whole(home: Path, registry: MlflowModelRegistry) -> None:
    """Flavors, signature, example, size, tags and Python, whatever its name."""
    registered(home, registry, NAME, save_sklearn_tensor)

    version = registry.version(NAME, "1")

    assert version
    assert (NAME, "1", "READY") == (version.name, version.version, version.status)
    assert {"python_function", "sklearn"} == set(version.flavors)
    assert [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}] == (
        version.inputs
    )
    assert version.outputs
    assert version.params is None
    assert {"inputs"} == set(version.input_example or {})
    assert (version.model_size_bytes or 0) > 1000
    assert {"owner": "us"} == version.tags
    assert (version.python_version or "").startswith("3.")


def test_params_are_part_of_the_signature(home: Path, registry: MlflowModelRegistry) -> None:
    """And a model may have no example."""
    registered(home, registry, "with params", save_python_model)

    version = registry.version("with params", "1")

    assert version
    assert ["factor"] == [param["name"] for param in version.params or []]
    assert version.input_example is None


def test_all_files_are_downloaded(
    home: Path, registry: MlflowModelRegistry, tmp_path: Path
) -> None:
    """And none is added, so that the same version always has the same content."""
    saved = home / f"save_typed_python_model-{b'typed'.hex()}"
    registered(home, registry, "typed", save_typed_python_model)

    registry.download("typed", "1", to=tmp_path / "model")

    original = {str(path.relative_to(saved)) for path in saved.rglob("*")}
    assert original == {
        str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*")
    }


@pytest.mark.parametrize(("name", "version"), [("nobody", "1"), ("example_model", "1")])
def test_an_unknown_version_is_none(registry: MlflowModelRegistry, name: str, version: str) -> None:
    """As for the one in MLflow's test of a webhook."""
    assert registry.version(name, version) is None


class StillWriting:
    """As much of mlflow's client as is asked about a version that is not ready."""

    def get_model_version(self, _name: str, _version: str) -> Any:
        return mlflow.entities.model_registry.ModelVersion(
            "iris", "1", creation_timestamp=0, status="PENDING_REGISTRATION"
        )


def test_a_version_that_is_not_ready_is_tried_again(home: Path) -> None:
    """Its files may not be there yet."""
    registry = MlflowModelRegistry(f"sqlite:///{home}/mlflow.db", Credentials())
    registry._client = StillWriting()

    with pytest.raises(VersionNotReadyError):
        registry.version("iris", "1")


def test_credentials_reach_mlflow_and_leave_again(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old token must not stay when the secret now holds a user."""
    address = f"sqlite:///{home}/mlflow.db"
    names = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
    for name in names:
        monkeypatch.delenv(name, raising=False)

    def held(secret: str) -> tuple[Any, ...]:
        MlflowModelRegistry(address, Credentials.from_secret(secret))
        return tuple(mlflow.environment_variables.__dict__[name].get() for name in names)

    assert (None, None, "t") == held('{"token": "t"}')
    assert ("u", "p", None) == held('{"username": "u", "password": "p"}')
    assert (None, None, None) == held("{}")


@pytest.mark.parametrize("secret", ["hunter2", '{"pass": "hunter2"}', '["hunter2"]'])
def test_unusable_credentials_are_not_quoted(secret: str) -> None:
    """The error goes into a log."""
    with pytest.raises(ValidationError) as raised:
        Credentials.from_secret(secret)

    assert "hunter2" not in str(raised.value)
