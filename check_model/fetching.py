"""Fetches a model by the caller's own client of MLflow."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from functions.common.deployments.record import Status
from functions.common.failures import described
from functions.common.packages.requirement_lines import shown
from functions.provision.registry.mlflow_answers import words_of
from functions.provision.registry.model_description import DESCRIPTION
from functions.provision.registry.tags import STATUS

# It quotes answers, which can repeat headers.
logging.getLogger("mlflow").setLevel(logging.CRITICAL)
_OF_VERSION = re.compile(r"models:/([^/@]+)/([0-9]+)")


class UnreachableModelError(Exception):
    """The model cannot be read; the message holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveVersion:
    """Another version of the model, which serves by its tag; *description* is its `MLmodel`."""

    version: str
    description: str


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """The model's files; of a registered version also its tags, and the version that serves."""

    folder: Path
    tags: Mapping[str, str] = field(default_factory=dict)
    live: LiveVersion | None = None


def fetched(uri: str, *, to: Path) -> FetchedModel:
    """Return the model at *uri*; what is not a folder of this machine is downloaded into *to*.

    Raises: UnreachableModelError.
    """
    if Path(uri).is_dir():
        return FetchedModel(Path(uri))
    try:
        tags, live = {}, None
        if of_version := _OF_VERSION.fullmatch(uri):
            client, (name, version) = MlflowClient(), of_version.groups()
            model_tags = client.get_registered_model(name).tags
            tags = {**model_tags, **client.get_model_version(name, version).tags}
            live = _live(client, name, besides=version, to=to / "live")
        folder = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(to))
        return FetchedModel(Path(folder), tags, live)
    except Exception as error:  # noqa: BLE001 - MLflow's client raises whatever its libraries do
        raise UnreachableModelError(
            f"MLflow's client cannot read {shown(uri)}. {_words(error)} "
            "Is MLFLOW_TRACKING_URI set, and may you read it?"
        ) from None


def _live(client: MlflowClient, name: str, *, besides: str, to: Path) -> LiveVersion | None:
    quoted = name.replace("'", "\\'")
    for each in client.search_model_versions(f"name='{quoted}'"):
        if each.tags.get(STATUS) == Status.DEPLOYED and str(each.version) != besides:
            to.mkdir()
            uri = f"models:/{name}/{each.version}/{DESCRIPTION}"
            path = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(to))
            return LiveVersion(version=str(each.version), description=Path(path).read_text())
    return None


def _words(error: Exception) -> str:
    """Return MLflow's answer; of other libraries' errors, which quote headers, the kind."""
    return words_of(error) if isinstance(error, MlflowException) else f"{described(error)}."
