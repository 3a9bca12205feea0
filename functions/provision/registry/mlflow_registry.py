"""`ModelRegistry` in MLflow, by mlflow-skinny.

mlflow takes credentials from the process's environment and from nowhere else, so this module writes
to it: at run time, in this process.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.entities.model_registry import RegisteredModel as MlflowModel
from mlflow.exceptions import MlflowException
from mlflow.store.entities import PagedList

from functions.common.packages.model_packages import ModelPackages
from functions.provision.registry.artifacts import ArtifactStore, VersionFiles
from functions.provision.registry.base import (
    RegisteredModel,
    RegisteredVersion,
    VersionNotFoundError,
    VersionNotReadyError,
)
from functions.provision.registry.credentials import PASSWORD, TOKEN, USERNAME, Credentials
from functions.provision.registry.mlflow_answers import (
    copied_from,
    listed_versions,
    registered_at,
    registry_errors,
    updated_at,
)
from functions.provision.registry.model_files import packages_in, with_files

_READY = "READY"
_MODELS_A_PAGE = 1000
"""The most that MLflow's server gives."""
_VERSIONS_A_PAGE = 2000
"""It would give 200,000, but has ten seconds to answer (see above), and a version is about 1 kB."""


def connect(tracking_uri: str, credentials: Credentials) -> MlflowClient:
    """Return a client; the address and the credentials are the whole process's from now on."""
    _set(USERNAME, credentials.username)
    _set(PASSWORD, credentials.password)
    _set(TOKEN, credentials.token)
    # Files behind a proxying server have addresses without a host: this says which server.
    mlflow.set_tracking_uri(tracking_uri)
    return MlflowClient()


class MlflowModelRegistry:
    """See `ModelRegistry`; one per process, since mlflow's settings are the process's.

    *open_files* returns the files at an address; it raises FilesRefusedError for one that may not
    be read.
    """

    def __init__(
        self,
        tracking_uri: str,
        credentials: Credentials,
        *,
        open_files: Callable[[str], ArtifactStore],
    ) -> None:
        self._open_files = open_files
        self._client = connect(tracking_uri, credentials)

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        try:
            with registry_errors(of_version=True):
                found = self._ready_version(name, version)
                model_tags = self._client.get_registered_model(name).tags
                address = self._client.get_model_version_download_uri(name, version)
        except MlflowException:
            return None
        return self._described(found, model_tags, address)

    def model(self, name: str) -> RegisteredModel | None:
        try:
            with registry_errors():
                found = self._client.get_registered_model(name)
        except MlflowException:
            return None
        with registry_errors():
            versions = [each for each in self._versions(_named(name)) if each.name == name]
        return _model(found, versions)

    def models(self) -> list[RegisteredModel]:
        """Every model, in one call per 1,000 models and one per 2,000 versions.

        What is registered or deleted between two of these calls may be missing: ask `model` before
        anything is done because something is not there.
        """
        # The models last: one without its newest version harms less than a version without model.
        versions = defaultdict(list)
        with registry_errors():
            for each in self._versions(""):
                versions[each.name].append(each)
            return [
                _model(found, versions[found.name])
                for found in _paged(
                    lambda token: self._client.search_registered_models(
                        max_results=_MODELS_A_PAGE, page_token=token
                    )
                )
            ]

    def set_tags(self, name: str, version: str, tags: Mapping[str, str | None]) -> None:
        with suppress(MlflowException), registry_errors():
            for key, value in tags.items():
                if value is None:
                    self._client.delete_model_version_tag(name, version, key)
                else:
                    self._client.set_model_version_tag(name, version, key, value)

    def download(self, name: str, version: str, *, to: Path) -> ModelPackages | None:
        try:
            with registry_errors(of_version=True):
                address = self._client.get_model_version_download_uri(name, version)
        except MlflowException as error:
            raise VersionNotFoundError(f"{name} {version}") from error
        VersionFiles(self._open_files(address)).download(to)
        return packages_in(to)

    def _versions(self, filter_string: str) -> Iterator[ModelVersion]:
        """Yield versions in an order that new ones do not change, so that pages do not shift."""
        return _paged(
            lambda token: self._client.search_model_versions(
                filter_string,
                max_results=_VERSIONS_A_PAGE,
                order_by=["creation_timestamp ASC", "name ASC", "version_number ASC"],
                page_token=token,
            )
        )

    def _ready_version(self, name: str, version: str) -> ModelVersion:
        """Raises: VersionNotReadyError, MlflowException."""
        found = self._client.get_model_version(name, version)
        if found.status != _READY:
            raise VersionNotReadyError(
                f"MLflow has not taken in all of the version yet ({found.status})."
            )
        return found

    def _described(
        self, found: ModelVersion, model_tags: Mapping[str, str], address: str
    ) -> RegisteredVersion:
        """Return *found* with the content of its files, which are at *address*.

        Raises: FilesRefusedError, RegistryUnavailableError.
        """
        version = RegisteredVersion(
            name=found.name,
            version=str(found.version),
            tags=dict(found.tags),
            model_tags=dict(model_tags),
            status=found.status,
            registered_at=registered_at(found),
            aliases=tuple(found.aliases),
            copied_from=copied_from(found),
        )
        return with_files(version, VersionFiles(self._open_files(address)), place=address)


def _paged[T](page: Callable[[str | None], PagedList[T]]) -> Iterator[T]:
    token = None
    while True:
        found = page(token)
        yield from found
        token = found.token
        if not token:
            return


def _named(name: str) -> str:
    """A filter that finds *name*, perhaps among others.

    A filter knows no way to write a quote within quotes, but `_` for any one character.
    """
    if "'" not in name:
        return f"name = '{name}'"
    pattern = name.replace("'", "_").replace("\\", "_")
    return f"name LIKE '{pattern}'"


def _model(found: MlflowModel, versions: list[ModelVersion]) -> RegisteredModel:
    return RegisteredModel(
        name=found.name,
        versions=listed_versions(versions),
        aliases={alias: str(version) for alias, version in found.aliases.items()},
        updated_at=updated_at(found),
    )


def _set(name: str, value: str) -> None:
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)
