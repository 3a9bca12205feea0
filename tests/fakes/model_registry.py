"""`ModelRegistry` with the versions that it is created with; files are made up.

tests/contract runs the same tests on MLflow.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from functions.common.packages.model_packages import ModelPackages
from functions.provision.registry.artifacts import ArtifactStore
from functions.provision.registry.base import (
    ListedVersion,
    RegisteredModel,
    RegisteredVersion,
    VersionNotFoundError,
    VersionNotReadyError,
)
from functions.provision.registry.folder import FolderStore
from tests.builders import NOON

PACKAGES = ModelPackages(requirements="mlflow==3.17.2\n")
A_TENSOR = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]


def any_source(address: str) -> ArtifactStore:
    """Return the files in a folder of this machine, which only tests read from."""
    return FolderStore(Path(unquote(address.removeprefix("file://"))))


def a_version(**changes: Any) -> RegisteredVersion:
    """Return version 1 of `iris`, complete and valid."""
    return RegisteredVersion(
        **{
            "name": "iris",
            "version": "1",
            "flavors": {"python_function": {"loader_module": "mlflow.sklearn"}},
            "inputs": A_TENSOR,
            "outputs": A_TENSOR,
            "input_example": {"inputs": [[5.1, 3.5, 1.4, 0.2]]},
            "packages": PACKAGES,
            "registered_at": NOON,
            "tags": {},
            **changes,
        }
    )


class FakeModelRegistry:
    """Has *versions*, each with *requirements* and an MLmodel file.

    `register`, `delete`, `set_alias`, `delete_alias`, `tag` and `tag_model` do what people do in
    MLflow. Set `error` to make every call fail.
    """

    def __init__(
        self, *versions: RegisteredVersion, requirements: str | None = "mlflow==3.17.2\n"
    ) -> None:
        self._models: dict[str, dict[str, RegisteredVersion]] = {}
        self._aliases: dict[str, dict[str, str]] = {}
        self._model_tags: dict[str, dict[str, str]] = {}
        self._renamed_at: dict[str, datetime] = {}
        self._requirements = requirements
        self.error: Exception | None = None
        for each in versions:
            self.register(each)

    def register(self, version: RegisteredVersion) -> None:
        """Add *version* with its aliases."""
        self._models.setdefault(version.name, {})[version.version] = version
        for alias in version.aliases:
            self.set_alias(version.name, alias, version.version)

    def delete(self, name: str, version: str | None = None) -> None:
        """Delete the version or the whole model, with its aliases."""
        if version is None:
            del self._models[name]
            self._aliases.pop(name, None)
            self._model_tags.pop(name, None)
            return
        del self._models[name][version]
        for alias, named in list(self._aliases.get(name, {}).items()):
            if named == version:
                self.delete_alias(name, alias)

    def rename(self, name: str, new_name: str, *, at: datetime | None = None) -> None:
        """Rename the model at this time: everything stays but the name."""
        self._renamed_at.pop(name, None)
        if at:
            self._renamed_at[new_name] = at
        versions = self._models.pop(name)
        self._models[new_name] = {
            number: replace(each, name=new_name) for number, each in versions.items()
        }
        for kept in (self._aliases, self._model_tags):
            if name in kept:
                kept[new_name] = kept.pop(name)

    def copy(
        self, name: str, version: str, *, to: str, number: str, registered_at: datetime
    ) -> None:
        """Register a copy of the version, with its tags, as the model *to*'s *number*."""
        self.register(
            replace(
                self._models[name][version],
                name=to,
                version=number,
                registered_at=registered_at,
                copied_from=f"models:/{name}/{version}",
                aliases=(),
            )
        )

    def set_alias(self, name: str, alias: str, version: str) -> None:
        """Move *alias* to the version."""
        self._aliases.setdefault(name, {})[alias] = version

    def delete_alias(self, name: str, alias: str) -> None:
        """Delete the alias if it exists."""
        self._aliases.get(name, {}).pop(alias, None)

    def tag(self, name: str, version: str, key: str, value: str | None) -> None:
        """Set the version's tag; None removes it."""
        found = self._models[name][version]
        tags = {**found.tags, key: value}
        kept = {each: text for each, text in tags.items() if text is not None}
        self._models[name][version] = replace(found, tags=kept)

    def tag_model(self, name: str, key: str, value: str) -> None:
        """Set the registered model's tag."""
        self._model_tags.setdefault(name, {})[key] = value

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        self._fail()
        found = self._models.get(name, {}).get(version)
        if found is None:
            return None
        if found.status != "READY":
            raise VersionNotReadyError(found.status)
        naming = [alias for alias, named in self._aliases.get(name, {}).items() if named == version]
        model_tags = {**found.model_tags, **self._model_tags.get(name, {})}
        return replace(found, aliases=tuple(naming), model_tags=model_tags)

    def model(self, name: str) -> RegisteredModel | None:
        self._fail()
        if name not in self._models:
            return None
        versions = tuple(
            ListedVersion(
                version=each.version,
                registered_at=each.registered_at,
                tags=dict(each.tags),
                ready=each.status == "READY",
                copied_from=each.copied_from,
            )
            for each in self._models[name].values()
        )
        times = [each.registered_at for each in versions]
        if renamed_at := self._renamed_at.get(name):
            times.append(renamed_at)
        return RegisteredModel(
            name=name,
            versions=versions,
            aliases=dict(self._aliases.get(name, {})),
            updated_at=max(times, default=None),
        )

    def models(self) -> list[RegisteredModel]:
        self._fail()
        return [model for name in self._models if (model := self.model(name))]

    def set_tags(self, name: str, version: str, tags: Mapping[str, str | None]) -> None:
        self._fail()
        if version in self._models.get(name, {}):
            for key, value in tags.items():
                self.tag(name, version, key, value)

    def download(self, name: str, version: str, *, to: Path) -> ModelPackages | None:
        self._fail()
        found = self._models.get(name, {}).get(version)
        if found is None:
            raise VersionNotFoundError(f"{name} {version}")
        to.mkdir(parents=True, exist_ok=True)
        (to / "MLmodel").write_text(json.dumps({"flavors": found.flavors}))
        if self._requirements is None:
            return None
        (to / "requirements.txt").write_text(self._requirements)
        return ModelPackages(requirements=self._requirements)

    def _fail(self) -> None:
        if self.error:
            raise self.error
