"""`ModelRegistry` in MLflow, by mlflow-skinny.

mlflow takes credentials, time-outs and its telemetry switch from the process's environment and
from nowhere else, so this module, alone in the project, writes to it: at run time, in this process.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict

from functions.provision.registry import RegisteredVersion, Schema, VersionNotReadyError

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
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

_UNKNOWN = "RESOURCE_DOES_NOT_EXIST"
_READY = "READY"
_BODY_KEYS = {"inputs", "instances", "dataframe_split", "dataframe_records"}
"""One of these makes an example a body for predict; MLflow also saves chat messages as such."""


class Credentials(BaseModel):
    """What the secret holds; all empty for a server that asks for none."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    username: str = ""
    password: str = ""
    token: str = ""

    @classmethod
    def from_secret(cls, text: str) -> Self:
        """Raises: ValidationError, which does not quote the text."""
        return cls.model_validate_json(text)


class MlflowModelRegistry:
    """See `ModelRegistry`; one per process, since mlflow's settings are the process's."""

    def __init__(self, tracking_uri: str, credentials: Credentials) -> None:
        _set("MLFLOW_TRACKING_USERNAME", credentials.username)
        _set("MLFLOW_TRACKING_PASSWORD", credentials.password)
        _set("MLFLOW_TRACKING_TOKEN", credentials.token)
        # Files behind a proxying server have addresses without a host: this says which server.
        mlflow.set_tracking_uri(tracking_uri)
        self._client = MlflowClient()

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        try:
            found = self._client.get_model_version(name, version)
        except MlflowException as error:
            if error.error_code == _UNKNOWN:
                return None
            raise
        if found.status != _READY:
            raise VersionNotReadyError(found.status)
        return self._described(found)

    def download(self, name: str, version: str, *, to: Path) -> None:
        files = self._files(name, version)
        with TemporaryDirectory(dir=to.parent) as folder:
            # mlflow puts the files into a folder of its own choice, whose path it returns.
            shutil.move(download_artifacts(artifact_uri=files, dst_path=folder), to)

    def _files(self, name: str, version: str) -> str:
        """Where the files are; `models:/<name>/<version>` would misread names with `?` or `#`."""
        return self._client.get_model_version_download_uri(name, version)

    def _described(self, found: ModelVersion) -> RegisteredVersion:
        files = self._files(found.name, found.version)
        description = yaml.safe_load(self._text(files, "MLmodel"))
        signature = description.get("signature") or {}
        flavors = description.get("flavors") or {}
        return RegisteredVersion(
            name=found.name,
            version=str(found.version),
            flavors=flavors,
            python_version=flavors.get("python_function", {}).get("python_version"),
            inputs=_schema(signature, "inputs"),
            outputs=_schema(signature, "outputs"),
            params=_schema(signature, "params"),
            input_example=self._example(files, description),
            model_size_bytes=description.get("model_size_bytes"),
            tags=dict(found.tags),
            status=found.status,
        )

    def _example(self, files: str, description: Mapping[str, Any]) -> dict[str, Any] | None:
        path = (description.get("saved_input_example_info") or {}).get("serving_input_path")
        return _body(self._text(files, path)) if path else None

    def _text(self, files: str, path: str) -> str:
        with TemporaryDirectory() as folder:
            copy = download_artifacts(artifact_uri=f"{files}/{path}", dst_path=folder)
            return Path(copy).read_text(encoding="utf-8")


def _set(name: str, value: str) -> None:
    if value:
        os.environ[name] = value
    else:
        os.environ.pop(name, None)


def _schema(signature: Mapping[str, str | None], part: str) -> Schema | None:
    text = signature.get(part)
    return json.loads(text) if text else None


def _body(text: str) -> dict[str, Any] | None:
    """The example as callers would have to send it, where NaN is null; None if they could not."""
    example = json.loads(text, parse_constant=lambda _constant: None)
    is_body = isinstance(example, dict) and len(_BODY_KEYS & example.keys()) == 1
    return example if is_body else None
