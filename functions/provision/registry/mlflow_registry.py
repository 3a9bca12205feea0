"""`ModelRegistry` in MLflow, by mlflow-skinny.

mlflow takes credentials, time-outs and its telemetry switch from the process's environment and
from nowhere else, so this module, alone in the project, writes to it: at run time, in this process.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from pydantic import BaseModel, ConfigDict

from functions.common.packages.model_packages import ModelPackages
from functions.provision.registry.base import (
    FilesRefusedError,
    ListedVersion,
    RegisteredModel,
    RegisteredVersion,
    VersionNotFoundError,
    VersionNotReadyError,
)
from functions.provision.registry.model_files import packages_in, read_model_files

os.environ.update(
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_HTTP_REQUEST_TIMEOUT="10",
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="2",
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR="1",
    MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT="120",
)

# Imported after its switches are set: it reads them while it is imported.
import mlflow
from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts, list_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.store.entities import PagedList

_UNKNOWN = "RESOURCE_DOES_NOT_EXIST"
_READY = "READY"
_MODELS_A_PAGE = 1000
"""The most that MLflow's server gives."""
_VERSIONS_A_PAGE = 2000
"""It would give 200,000, but has ten seconds to answer (see above), and a version is about 1 kB."""


class Credentials(BaseModel):
    """Content of the secret; all empty for a server that asks for none."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    username: str = ""
    password: str = ""
    token: str = ""

    @classmethod
    def from_secret(cls, text: str) -> Self:
        """Raises: ValidationError, which does not quote the text."""
        return cls.model_validate_json(text)


class MlflowModelRegistry:
    """See `ModelRegistry`; one per process, since mlflow's settings are the process's.

    *fault_of_source* explains why files at an address are not read, or returns None.
    """

    def __init__(
        self,
        tracking_uri: str,
        credentials: Credentials,
        *,
        fault_of_source: Callable[[str], str | None],
    ) -> None:
        self._fault_of_source = fault_of_source
        _set("MLFLOW_TRACKING_USERNAME", credentials.username)
        _set("MLFLOW_TRACKING_PASSWORD", credentials.password)
        _set("MLFLOW_TRACKING_TOKEN", credentials.token)
        # Files behind a proxying server have addresses without a host: this says which server.
        mlflow.set_tracking_uri(tracking_uri)
        self._client = MlflowClient()

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        try:
            found = self._ready_version(name, version)
            model_tags = self._client.get_registered_model(name).tags
        except MlflowException as error:
            if error.error_code == _UNKNOWN:
                return None
            raise
        return self._described(found, model_tags)

    def model(self, name: str) -> RegisteredModel | None:
        try:
            found = self._client.get_registered_model(name)
        except MlflowException as error:
            if error.error_code == _UNKNOWN:
                return None
            raise
        versions = [each for each in self._versions(_named(name)) if each.name == name]
        return _model(name, found.aliases, versions)

    def models(self) -> list[RegisteredModel]:
        """Every model, in one call per 1,000 models and one per 2,000 versions.

        What is registered or deleted between two of these calls may be missing: ask `model` before
        anything is done because something is not there.
        """
        # The models last: one without its newest version harms less than a version without model.
        versions = defaultdict(list)
        for each in self._versions(""):
            versions[each.name].append(each)
        return [
            _model(found.name, found.aliases, versions[found.name])
            for found in _paged(
                lambda token: self._client.search_registered_models(
                    max_results=_MODELS_A_PAGE, page_token=token
                )
            )
        ]

    def set_tags(self, name: str, version: str, tags: Mapping[str, str | None]) -> None:
        try:
            for key, value in tags.items():
                if value is None:
                    self._client.delete_model_version_tag(name, version, key)
                else:
                    self._client.set_model_version_tag(name, version, key, value)
        except MlflowException as error:
            if error.error_code != _UNKNOWN:
                raise

    def download(self, name: str, version: str, *, to: Path) -> ModelPackages | None:
        try:
            files = self._files(name, version)
        except MlflowException as error:
            if error.error_code == _UNKNOWN:
                raise VersionNotFoundError(f"{name} {version}") from error
            raise
        with TemporaryDirectory(dir=to.parent) as folder:
            # mlflow puts the files into a folder of its own choice, whose path it returns.
            shutil.move(download_artifacts(artifact_uri=files, dst_path=folder), to)
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

    def _files(self, name: str, version: str) -> str:
        """Return the address of the files.

        `models:/<name>/<version>` would misread names with `?` or `#`.

        Raises: FilesRefusedError.
        """
        address = self._client.get_model_version_download_uri(name, version)
        if fault := self._fault_of_source(address):
            raise FilesRefusedError(fault)
        return address

    def _ready_version(self, name: str, version: str) -> ModelVersion:
        """Raises: VersionNotReadyError, MlflowException."""
        found = self._client.get_model_version(name, version)
        if found.status != _READY:
            raise VersionNotReadyError(found.status)
        return found

    def _described(self, found: ModelVersion, model_tags: Mapping[str, str]) -> RegisteredVersion:
        address = self._files(found.name, found.version)
        # Listed before they are read: stores differ in how they fail for a file that is not there.
        names = {each.path.rpartition("/")[2] for each in list_artifacts(artifact_uri=address)}
        files = read_model_files(partial(_text, address), names)
        return RegisteredVersion(
            name=found.name,
            version=str(found.version),
            flavors=files.flavors,
            python_version=files.flavors.get("python_function", {}).get("python_version"),
            inputs=files.schema("inputs"),
            outputs=files.schema("outputs"),
            params=files.schema("params"),
            from_type_hint=bool(files.description.get("is_signature_from_type_hint")),
            input_example=files.input_example,
            model_size_bytes=files.description.get("model_size_bytes"),
            packages=files.packages,
            tags=dict(found.tags),
            model_tags=dict(model_tags),
            status=found.status,
            registered_at=_moment(found),
            aliases=tuple(found.aliases),
        )


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


def _model(name: str, aliases: Mapping[str, str], versions: list[ModelVersion]) -> RegisteredModel:
    return RegisteredModel(
        name=name,
        versions=tuple(
            ListedVersion(
                version=str(each.version),
                registered_at=_moment(each),
                tags=dict(each.tags),
                ready=each.status == _READY,
            )
            for each in versions
        ),
        aliases={alias: str(version) for alias, version in aliases.items()},
    )


def _moment(found: ModelVersion) -> datetime:
    """MLflow's milliseconds since 1970."""
    return datetime.fromtimestamp(found.creation_timestamp / 1000, UTC)


def _text(address: str, path: str) -> str:
    with TemporaryDirectory() as folder:
        copy = download_artifacts(artifact_uri=f"{address}/{path}", dst_path=folder)
        return Path(copy).read_text(encoding="utf-8")


def _set(name: str, value: str) -> None:
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)
