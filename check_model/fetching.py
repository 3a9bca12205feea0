"""Fetches a model by the caller's own client of MLflow."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from functions.common.failures import described
from functions.common.packages.requirement_lines import shown
from functions.provision.registry.mlflow_answers import words_of

# It quotes answers, which can repeat headers.
logging.getLogger("mlflow").setLevel(logging.CRITICAL)
_OF_VERSION = re.compile(r"models:/([^/@]+)/([0-9]+)")


class UnreachableModelError(Exception):
    """The model cannot be read; the message holds no secret."""


@dataclass(frozen=True, slots=True)
class FetchedModel:
    """The model's files, and the tags of its version if it is registered."""

    folder: Path
    tags: Mapping[str, str] = field(default_factory=dict)


def fetched(uri: str, *, to: Path) -> FetchedModel:
    """Return the model at *uri*; what is not a folder of this machine is downloaded into *to*.

    Raises: UnreachableModelError.
    """
    if Path(uri).is_dir():
        return FetchedModel(Path(uri))
    try:
        tags = {}
        if of_version := _OF_VERSION.fullmatch(uri):
            client, (name, version) = MlflowClient(), of_version.groups()
            model_tags = client.get_registered_model(name).tags
            tags = {**model_tags, **client.get_model_version(name, version).tags}
        folder = mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=str(to))
        return FetchedModel(Path(folder), tags)
    except Exception as error:  # noqa: BLE001 - MLflow's client raises whatever its libraries do
        raise UnreachableModelError(
            f"MLflow's client cannot read {shown(uri)}. {_words(error)} "
            "Is MLFLOW_TRACKING_URI set, and may you read it?"
        ) from None


def _words(error: Exception) -> str:
    """Return MLflow's answer; of other libraries' errors, which quote headers, the kind."""
    return words_of(error) if isinstance(error, MlflowException) else f"{described(error)}."
