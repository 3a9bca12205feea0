"""Files that say what a model in MLflow is: MLmodel, its packages, its input example."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter

from functions.common.packages.model_packages import ModelPackages
from functions.common.packages.requirement_lines import constraint_files
from functions.provision.registry.artifacts import VersionFiles
from functions.provision.registry.base import FilesRefusedError, RegisteredVersion
from functions.provision.registry.documents import validated, yaml_document
from functions.provision.registry.folder import FolderStore
from functions.provision.registry.input_examples import MAX_EXAMPLE_FILE_BYTES, example_body
from functions.provision.registry.model_description import DESCRIPTION, ModelDescription

MAX_REQUIREMENTS_BYTES = 1024**2
"""300 packages with the hashes of all their files have 0.7 MB."""
_REQUIREMENTS, _CONDA = "requirements.txt", "conda.yaml"
_MAX_CONSTRAINT_FILES = 10
_MAX_DEPENDENCIES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Content of a model's files.

    Attributes:
        description: Content of `MLmodel`.
        packages: None when no file says what to install.
        input_example: The example as callers would have to send it; None when there is none or
            they could not.
    """

    description: ModelDescription
    packages: ModelPackages | None
    input_example: dict[str, Any] | None


class _Conda(BaseModel):
    """What conda itself would install is not looked at."""

    dependencies: (
        Annotated[
            list[str | dict[str, list[str] | None] | None], Field(max_length=_MAX_DEPENDENCIES)
        ]
        | None
    ) = None


_CONDA_FILE = TypeAdapter(_Conda | None)


def read_model_files(files: VersionFiles, *, place: str) -> ModelFiles:
    """Read a model's *files*, which are at *place*, as MLflow names it.

    Raises: FilesRefusedError.
    """
    description = _description(files, place)
    return ModelFiles(
        description=description,
        packages=_packages(description, files),
        input_example=example_body(
            description.example, lambda path: _example(files, path), description.inputs
        ),
    )


def with_files(
    version: RegisteredVersion, stored: VersionFiles, *, place: str
) -> RegisteredVersion:
    """Return *version* with the content of its files, which are at *place*, as MLflow names it.

    Raises: FilesRefusedError.
    """
    files = read_model_files(stored, place=place)
    description = files.description
    return replace(
        version,
        flavors=description.flavors,
        python_version=description.python_version,
        inputs=description.inputs,
        outputs=description.outputs,
        params=description.params,
        from_type_hint=description.is_typed_by_hints,
        input_example=files.input_example,
        model_size_bytes=stored.total_bytes,
        packages=files.packages,
    )


def packages_in(folder: Path) -> ModelPackages | None:
    """Return the packages of the model whose files are in *folder*.

    Raises: FilesRefusedError.
    """
    files = VersionFiles(FolderStore(folder))
    return _packages(_description(files, "this version's place"), files)


def _description(files: VersionFiles, place: str) -> ModelDescription:
    if DESCRIPTION not in files.sizes:
        found = "no files" if not files.sizes else "no file MLmodel"
        raise FilesRefusedError(
            f"The version has {found} at {place[:200]}: it was registered with another path than "
            "the model's. Register the address that log_model returns as model_uri."
        )
    return ModelDescription(files.text(DESCRIPTION))


def _packages(description: ModelDescription, files: VersionFiles) -> ModelPackages | None:
    requirements = _requirements(files, files.sizes)
    if requirements is None:
        return None
    named = [name for name in constraint_files(requirements) if name in files.sizes]
    constraints = [_lines(files, name) for name in named[:_MAX_CONSTRAINT_FILES]]
    return ModelPackages(
        requirements=requirements,
        constraints="\n".join(constraints),
        mlflow_version=description.mlflow_version,
        logged_at=description.logged_at,
    )


def _requirements(files: VersionFiles, names: Collection[str]) -> str | None:
    """Return requirements.txt, or the pip section of conda.yaml: MLflow before 1.21 had no other.

    A model with packages of conda's own alone has none.
    """
    if _REQUIREMENTS in names:
        return _lines(files, _REQUIREMENTS)
    if _CONDA not in names:
        return None
    document = yaml_document(_lines(files, _CONDA), _CONDA)
    environment = validated(_CONDA_FILE, document or None, "The model's conda.yaml")
    dependencies = environment.dependencies if environment else None
    for each in dependencies or ():
        if isinstance(each, dict) and "pip" in each:
            return "\n".join(each["pip"] or ())
    return None


def _lines(files: VersionFiles, name: str) -> str:
    return files.text(name, max_bytes=MAX_REQUIREMENTS_BYTES)


def _example(files: VersionFiles, path: str) -> str | None:
    if path not in files.sizes:
        return None
    try:
        return files.text(path, max_bytes=MAX_EXAMPLE_FILE_BYTES)
    except FilesRefusedError:
        return None
