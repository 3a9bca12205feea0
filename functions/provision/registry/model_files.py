"""Files that say what a model in MLflow is: MLmodel, its packages, its input example."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from functions.common.packages.model_packages import ModelPackages
from functions.common.packages.requirement_lines import constraint_files
from functions.provision.registry.base import Schema
from functions.provision.registry.input_examples import example_body

_DESCRIPTION, _REQUIREMENTS, _CONDA = "MLmodel", "requirements.txt", "conda.yaml"

type Read = Callable[[str], str]
"""Returns the content of a file by its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Content of a model's files.

    Attributes:
        description: Content of `MLmodel`.
        packages: None when no file says what to install.
        input_example: The example as callers would have to send it; None when there is none or
            they could not.
    """

    description: Mapping[str, Any]
    packages: ModelPackages | None
    input_example: dict[str, Any] | None

    @property
    def flavors(self) -> dict[str, Any]:
        """Settings by the flavor's name."""
        return self.description.get("flavors") or {}

    def schema(self, part: str) -> Schema | None:
        """Return the signature's *part*: `inputs`, `outputs` or `params`."""
        text = (self.description.get("signature") or {}).get(part)
        return json.loads(text) if text else None


def read_model_files(read: Read, names: Collection[str]) -> ModelFiles:
    """Read a model's files.

    Arguments:
        names: Files and folders that there are at the top level.
    """
    description = yaml.safe_load(read(_DESCRIPTION))
    return ModelFiles(
        description=description,
        packages=_packages(description, read, names),
        input_example=example_body(description, read),
    )


def packages_in(folder: Path) -> ModelPackages | None:
    """Return the packages of the model whose files are in *folder*."""

    def read(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    names = {path.name for path in folder.iterdir() if path.is_file()}
    return _packages(yaml.safe_load(read(_DESCRIPTION)), read, names)


def _packages(
    description: Mapping[str, Any], read: Read, names: Collection[str]
) -> ModelPackages | None:
    requirements = _requirements(read, names)
    if requirements is None:
        return None
    version = description.get("mlflow_version")
    files = [name for name in constraint_files(requirements) if name in names]
    return ModelPackages(
        requirements=requirements,
        constraints="\n".join(read(name) for name in files),
        mlflow_version=str(version) if version else None,
        logged_at=_logged_at(description),
    )


def _logged_at(description: Mapping[str, Any]) -> datetime | None:
    """Return `utc_time_created`, e.g. `2026-11-30 08:00:00.123456`, in whole seconds."""
    try:
        moment = datetime.fromisoformat(str(description.get("utc_time_created")))
    except ValueError:
        return None
    return moment.replace(microsecond=0, tzinfo=UTC)


def _requirements(read: Read, names: Collection[str]) -> str | None:
    """Return requirements.txt, or the pip section of conda.yaml: MLflow before 1.21 had no other.

    What conda itself would install is not looked at: a model with such packages alone has none.
    """
    if _REQUIREMENTS in names:
        return read(_REQUIREMENTS)
    environment = yaml.safe_load(read(_CONDA)) if _CONDA in names else None
    dependencies = environment.get("dependencies") if isinstance(environment, dict) else None
    for each in dependencies or ():
        if isinstance(each, dict) and "pip" in each:
            return "\n".join(map(str, each["pip"] or ()))
    return None
