"""The fake model registry and MLflow (SQLite and files) behave the same."""

import os
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from functions.provision.registry.base import ModelRegistry, RegisteredModel
from tests.builders import NOON
from tests.fakes.model_registry import FakeModelRegistry, a_version, any_source
from tests.mlflow_database import new_database

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

with warnings.catch_warnings():
    # mlflow warns about its own type hints while it is imported.
    warnings.simplefilter("ignore")
    import mlflow
    from mlflow import MlflowClient

    from functions.provision.registry.credentials import Credentials
    from functions.provision.registry.mlflow_registry import MlflowModelRegistry

# MLflow's tables use what SQLAlchemy has come to discourage.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NAMES = [
    "Grüße an #1 & 50% ?",
    "it's",
    'a "b"',
    'it\'s "both"',
    "back\\slash isn't % _",
    "日本語",
]
"""Whatever a name may hold, quotes of either kind among it."""


class System(Protocol):
    """A registry, and what people do in it."""

    @property
    def registry(self) -> ModelRegistry: ...

    def register(self, name: str, **tags: str) -> str: ...
    def tag_model(self, name: str, key: str, value: str) -> None: ...
    def delete(self, name: str, version: str | None = None) -> None: ...
    def set_alias(self, name: str, alias: str, version: str) -> None: ...
    def delete_alias(self, name: str, alias: str) -> None: ...
    def rename(self, name: str, new_name: str) -> None: ...
    def copy(self, name: str, version: str, *, to: str) -> str: ...


class FakeSystem:
    def __init__(self) -> None:
        self.registry = FakeModelRegistry()
        self.delete = self.registry.delete
        self.tag_model = self.registry.tag_model
        self.set_alias = self.registry.set_alias
        self.delete_alias = self.registry.delete_alias
        self._numbers: dict[str, int] = {}

    def rename(self, name: str, new_name: str) -> None:
        self.registry.rename(name, new_name, at=NOON + timedelta(days=1))

    def copy(self, name: str, version: str, *, to: str) -> str:
        at = NOON + timedelta(days=1)
        self.registry.copy(name, version, to=to, number="1", registered_at=at)
        return "1"

    def register(self, name: str, **tags: str) -> str:
        self._numbers[name] = self._numbers.get(name, 0) + 1
        version = str(self._numbers[name])
        at = NOON + timedelta(seconds=sum(self._numbers.values()))
        self.registry.register(a_version(name=name, version=version, tags=tags, registered_at=at))
        return version


class MlflowSystem:
    def __init__(self, home: Path) -> None:
        self.registry = MlflowModelRegistry(
            f"sqlite:///{home}/mlflow.db", Credentials(), open_files=any_source
        )
        self._client = MlflowClient()
        self._files = home / "model"
        self._files.mkdir(exist_ok=True)
        (self._files / "MLmodel").write_text("flavors: {python_function: {}}\n")
        (self._files / "requirements.txt").write_text("mlflow==3.17.2\n")

    def register(self, name: str, **tags: str) -> str:
        if self.registry.model(name) is None:
            self._client.create_registered_model(name)
        made = self._client.create_model_version(name, str(self._files), tags=tags)
        return str(made.version)

    def tag_model(self, name: str, key: str, value: str) -> None:
        self._client.set_registered_model_tag(name, key, value)

    def delete(self, name: str, version: str | None = None) -> None:
        if version is None:
            self._client.delete_registered_model(name)
        else:
            self._client.delete_model_version(name, version)

    def set_alias(self, name: str, alias: str, version: str) -> None:
        self._client.set_registered_model_alias(name, alias, version)

    def delete_alias(self, name: str, alias: str) -> None:
        self._client.delete_registered_model_alias(name, alias)

    def rename(self, name: str, new_name: str) -> None:
        self._client.rename_registered_model(name, new_name)

    def copy(self, name: str, version: str, *, to: str) -> str:
        made = self._client.copy_model_version(f"models:/{name}/{version}", to)
        return str(made.version)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One MLflow database for all tests."""
    folder = tmp_path_factory.mktemp("mlflow")
    new_database(folder)
    before = mlflow.get_tracking_uri()
    yield folder
    mlflow.set_tracking_uri(before)


@pytest.fixture(params=["fake", "mlflow"])
def system(request: pytest.FixtureRequest) -> System:
    """The fake, then MLflow."""
    if request.param == "fake":
        return FakeSystem()
    return MlflowSystem(request.getfixturevalue("home"))


def known(system: System, name: str) -> RegisteredModel:
    found = system.registry.model(name)
    assert found
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_model_has_its_versions_with_tags_and_times(system: System, name: str) -> None:
    """The same whether the model is read alone or in the list of all."""
    for each in (name, f"{name}2", name.replace("'", "x").replace("\\", "x") + "!"):
        system.register(each, owner="us")
    system.register(name)

    model = known(system, name)

    assert name == model.name
    assert {"1": {"owner": "us"}, "2": {}} == {each.version: each.tags for each in model.versions}
    assert all(each.ready for each in model.versions)
    assert [model] == [each for each in system.registry.models() if each.name == name]
    assert 3 <= len(system.registry.models())


def test_a_version_is_the_same_alone_and_in_a_list(system: System) -> None:
    """Its time is aware and equal to the last digit: it identifies the version."""
    system.register("alike", owner="us")
    system.set_alias("alike", "champion", "1")

    version = system.registry.version("alike", "1")
    listed = known(system, "alike").version("1")

    assert version
    assert listed
    assert (version.registered_at, version.tags) == (listed.registered_at, listed.tags)
    assert timedelta(0) == version.registered_at.utcoffset()
    assert version.registered_at > datetime(2020, 1, 1, tzinfo=UTC)
    assert ("champion",) == version.aliases
    assert version.packages
    assert "mlflow==3.17.2\n" == version.packages.requirements


def test_a_version_has_the_tags_of_its_model(system: System) -> None:
    """Apart from its own; of two values of one name, its own counts."""
    system.register("sized", owner="us", team="a")
    system.tag_model("sized", "hokus.instance_size", "x4")
    system.tag_model("sized", "team", "b")

    version = system.registry.version("sized", "1")

    assert version
    assert {"owner": "us", "team": "a"} == version.tags
    assert {"hokus.instance_size": "x4", "team": "b"} == version.model_tags
    assert {"owner": "us", "team": "a", "hokus.instance_size": "x4"} == version.all_tags


def test_an_alias_names_one_version(system: System) -> None:
    """An alias can be moved and deleted."""
    system.register("aliased")
    system.register("aliased")
    system.set_alias("aliased", "champion", "1")
    system.set_alias("aliased", "candidate", "2")
    assert {"champion": "1", "candidate": "2"} == known(system, "aliased").aliases

    system.set_alias("aliased", "champion", "2")
    system.delete_alias("aliased", "candidate")

    assert {"champion": "2"} == known(system, "aliased").aliases
    version = system.registry.version("aliased", "1")
    assert version
    assert () == version.aliases


def test_a_deleted_version_is_gone_with_its_aliases(system: System) -> None:
    """The model stays, even without versions."""
    system.register("shrinking")
    system.set_alias("shrinking", "champion", "1")

    system.delete("shrinking", "1")

    left = replace(known(system, "shrinking"), updated_at=None)
    assert RegisteredModel(name="shrinking", versions=(), aliases={}) == left
    assert known(system, "shrinking") in system.registry.models()
    assert system.registry.version("shrinking", "1") is None


def test_a_deleted_model_is_gone(system: System) -> None:
    """With its versions and aliases; reading an unknown model is no error."""
    system.register("leaving")

    system.delete("leaving")

    assert system.registry.model("leaving") is None
    assert system.registry.model("nobody") is None
    assert "leaving" not in {each.name for each in system.registry.models()}


def test_tags_are_set_and_removed(system: System) -> None:
    """Only the named ones; doing it twice has the same result."""
    system.register("tagged", owner="us", old="x")
    request = {"hokus.status": "deployed", "hokus.reason": "", "old": None, "never": None}

    system.registry.set_tags("tagged", "1", request)
    system.registry.set_tags("tagged", "1", request)

    listed = known(system, "tagged").version("1")
    assert listed
    assert {"owner": "us", "hokus.status": "deployed", "hokus.reason": ""} == listed.tags


@pytest.mark.parametrize(("name", "version"), [("nobody", "1"), ("tagless", "7")])
def test_tags_of_a_deleted_version_are_ignored(system: System, name: str, version: str) -> None:
    """The version may have been deleted a moment ago."""
    if name == "tagless" and system.registry.model(name) is None:
        system.register(name)

    system.registry.set_tags(name, version, {"hokus.status": "stopped", "hokus.url": None})

    assert system.registry.version(name, version) is None


def test_a_renamed_model_keeps_all_but_its_name(system: System) -> None:
    """By number, time and tags its versions are known under the new one."""
    system.register("first name", **{"hokus.deployment_id": "d-1"})
    system.set_alias("first name", "champion", "1")
    before = known(system, "first name")

    system.rename("first name", "second name")

    assert system.registry.model("first name") is None
    assert system.registry.version("first name", "1") is None
    after = known(system, "second name")
    assert (before.versions, before.aliases) == (after.versions, after.aliases)
    assert before.updated_at
    assert after.updated_at
    assert before.updated_at < after.updated_at
    assert [after] == [each for each in system.registry.models() if "name" in each.name]


def test_a_copy_has_the_tags_and_a_time_of_its_own(system: System) -> None:
    """So the tag of the source's deployment names none of the copy's; it says where it is from."""
    tags = {"hokus.deployment_id": "d-1", "hokus.deploy": "false"}
    system.register("source", **tags)

    number = system.copy("source", "1", to="copy")

    listed, version = known(system, "copy").version(number), system.registry.version("copy", number)
    source = known(system, "source").version("1")
    assert listed
    assert version
    assert source
    assert tags == listed.tags == version.tags
    assert ("models:/source/1", "models:/source/1") == (listed.copied_from, version.copied_from)
    assert source.copied_from is None
    assert listed.registered_at > source.registered_at
