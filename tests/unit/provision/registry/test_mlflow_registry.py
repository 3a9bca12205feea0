"""The registry adapter on a real MLflow registry (SQLite and files)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion, RegisteredModel, RegisteredModelAlias
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR
from mlflow.store.entities import PagedList

from functions.provision.registry.base import RegistryUnavailableError, VersionNotReadyError
from functions.provision.registry.credentials import Credentials
from functions.provision.registry.mlflow_registry import MlflowModelRegistry
from tests.fakes.model_registry import any_source
from tests.mlflow_database import new_database
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
    """A tracking store; mlflow's tracking URI is global to the process, so it is restored."""
    folder = tmp_path_factory.mktemp("mlflow")
    new_database(folder)
    before = mlflow.get_tracking_uri()
    yield folder
    mlflow.set_tracking_uri(before)


@pytest.fixture(scope="module")
def registry(home: Path) -> MlflowModelRegistry:
    return MlflowModelRegistry(f"sqlite:///{home}/mlflow.db", Credentials(), open_files=any_source)


def registered(home: Path, registry: MlflowModelRegistry, name: str, save: Save) -> Any:
    """Register a version of *name* with a model that *save* writes, in *registry*."""
    assert registry
    folder = home / f"{save.__name__}-{name.encode().hex()}"
    quietly(save, folder)
    client = MlflowClient()
    client.create_registered_model(name)
    return client.create_model_version(name, str(folder), tags={"owner": "us"})


def test_a_version_is_described_completely(home: Path, registry: MlflowModelRegistry) -> None:
    """Flavors, signature, example, size, tags and Python, for any name."""
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
    assert version.packages
    assert "scikit-learn" in version.packages.requirements
    assert mlflow.__version__ == version.packages.mlflow_version
    assert version.hub_source is None


def test_params_are_part_of_the_signature(home: Path, registry: MlflowModelRegistry) -> None:
    """A model may have no example."""
    registered(home, registry, "with params", save_python_model)

    version = registry.version("with params", "1")

    assert version
    assert ["factor"] == [param["name"] for param in version.params or []]
    assert version.input_example is None
    assert not version.from_type_hint


def test_a_signature_from_type_hints_is_recognized(
    home: Path, registry: MlflowModelRegistry
) -> None:
    """Such a model parses its input itself."""
    registered(home, registry, "by hints", save_typed_python_model)

    version = registry.version("by hints", "1")

    assert version
    assert version.from_type_hint


def test_all_files_are_downloaded(
    home: Path, registry: MlflowModelRegistry, tmp_path: Path
) -> None:
    """None is added, so that the same version always has the same content."""
    saved = home / f"save_typed_python_model-{b'typed'.hex()}"
    registered(home, registry, "typed", save_typed_python_model)

    registry.download("typed", "1", to=tmp_path / "model")

    original = {str(path.relative_to(saved)) for path in saved.rglob("*")}
    assert original == {
        str(path.relative_to(tmp_path / "model")) for path in (tmp_path / "model").rglob("*")
    }


@pytest.mark.parametrize(("name", "version"), [("nobody", "1"), ("example_model", "1")])
def test_an_unknown_version_is_none(registry: MlflowModelRegistry, name: str, version: str) -> None:
    """Like the version in MLflow's own test of a webhook."""
    assert registry.version(name, version) is None


class StillWriting:
    """The part of mlflow's client that is used for a version that is not ready."""

    def get_model_version(self, _name: str, _version: str) -> Any:
        return mlflow.entities.model_registry.ModelVersion(
            "iris", "1", creation_timestamp=0, status="PENDING_REGISTRATION"
        )


def test_a_version_that_is_not_ready_is_a_retryable_error(home: Path) -> None:
    """Its files may not be there yet."""
    registry = MlflowModelRegistry(
        f"sqlite:///{home}/mlflow.db", Credentials(), open_files=any_source
    )
    registry._client = StillWriting()  # type: ignore[assignment]  # a double

    with pytest.raises(VersionNotReadyError):
        registry.version("iris", "1")


def test_a_model_without_requirements_has_none(home: Path, registry: MlflowModelRegistry) -> None:
    """For example one that was written by hand."""
    folder = home / "bare"
    folder.mkdir()
    (folder / "MLmodel").write_text("flavors: {}")
    client = MlflowClient()
    client.create_registered_model("bare")
    client.create_model_version("bare", str(folder))

    version = registry.version("bare", "1")

    assert version
    assert version.packages is None


class ManyModels:
    """The part of mlflow's client that lists models: *models* of them, each with *versions*."""

    def __init__(self, models: int, versions: int) -> None:
        self.models = [
            RegisteredModel(f"m{number}", aliases=[RegisteredModelAlias("champion", 2)])
            for number in range(models)
        ]
        self.versions = [
            ModelVersion(model.name, str(number + 1), creation_timestamp=1_795_438_094_831)
            for model in self.models
            for number in range(versions)
        ]
        self.calls: list[str] = []

    def search_registered_models(self, **asked: Any) -> Any:
        self.calls.append("models")
        return self._page(self.models, **asked)

    def search_model_versions(self, _filter: str, *, order_by: list[str], **asked: Any) -> Any:
        assert "creation_timestamp ASC" == order_by[0]
        self.calls.append("versions")
        return self._page(self.versions, **asked)

    @staticmethod
    def _page(found: list[Any], *, max_results: int, page_token: str | None) -> Any:
        start = int(page_token or 0)
        end = start + max_results
        return PagedList(found[start:end], str(end) if end < len(found) else None)


def test_a_thousand_models_cost_few_calls(home: Path) -> None:
    """One call for the models and three for their six thousand versions."""
    registry = MlflowModelRegistry(
        f"sqlite:///{home}/mlflow.db", Credentials(), open_files=any_source
    )
    registry._client = client = ManyModels(1000, 6)  # type: ignore[assignment]  # a double

    models = registry.models()

    assert 1000 == len(models)
    assert {6} == {len(model.versions) for model in models}
    assert {"champion": "2"} == models[999].aliases
    assert ["versions"] * 3 + ["models"] == client.calls
    listed = models[999].version("6")
    assert listed
    assert datetime(2026, 11, 23, 12, 48, 14, 831000, tzinfo=UTC) == listed.registered_at


class Broken:
    """The part of mlflow's client that is used here, failing."""

    def __getattr__(self, _name: str) -> Any:
        def fail(*_args: Any, **_kwargs: Any) -> None:
            raise MlflowException("database is locked", INTERNAL_ERROR)

        return fail


def test_an_error_is_not_taken_for_a_missing_model(home: Path) -> None:
    """Otherwise every model would be undeployed while MLflow is down."""
    registry = MlflowModelRegistry(
        f"sqlite:///{home}/mlflow.db", Credentials(), open_files=any_source
    )
    registry._client = Broken()  # type: ignore[assignment]  # a double

    for question in (
        registry.models,
        lambda: registry.model("iris"),
        lambda: registry.version("iris", "1"),
        lambda: registry.set_tags("iris", "1", {"a": "b"}),
    ):
        with pytest.raises(RegistryUnavailableError, match="INTERNAL_ERROR"):
            question()


def test_credentials_are_set_for_mlflow_and_removed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old token must not stay if the secret now has a user and password."""
    address = f"sqlite:///{home}/mlflow.db"
    names = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")
    for name in names:
        monkeypatch.delenv(name, raising=False)

    def held(secret: str) -> tuple[Any, ...]:
        credentials = Credentials.from_secret(secret, name="mlflow")
        MlflowModelRegistry(address, credentials, open_files=any_source)
        return tuple(mlflow.environment_variables.__dict__[name].get() for name in names)

    assert (None, None, "t") == held('{"token": "t"}')
    assert ("u", "p", None) == held('{"username": "u", "password": "p"}')
    assert (None, None, None) == held("{}")
