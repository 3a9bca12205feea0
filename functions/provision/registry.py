"""Port: the model registry."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

type Schema = list[dict[str, Any]]
"""Column or tensor specifications, as in an MLmodel's signature."""


class VersionNotReadyError(Exception):
    """The registry is still taking the version in: try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredVersion:
    """What the registry says of one version of a model.

    Attributes:
        flavors: By flavor's name, its settings; `python_function` is what we serve.
        python_version: Of the environment that saved it, e.g. `3.11.7`; None when not told.
        inputs, outputs, params: The signature's parts; None where it has none.
        input_example: A ready body for predict, e.g. `{"inputs": …}`; None without an example.
        model_size_bytes: All files of the model; None when not told.
        status: The registry's own word, `READY` for a version that is complete.
    """

    name: str
    version: str
    flavors: Mapping[str, Mapping[str, Any]]
    python_version: str | None = None
    inputs: Schema | None = None
    outputs: Schema | None = None
    params: Schema | None = None
    input_example: dict[str, Any] | None = None
    model_size_bytes: int | None = None
    tags: Mapping[str, str]
    status: str = "READY"


class ModelRegistry(Protocol):
    """Versions of registered models. Names may hold spaces and letters of any script."""

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        """The version; None when the registry does not know it.

        Raises: VersionNotReadyError.
        """
        ...

    def download(self, name: str, version: str, *, to: Path) -> None:
        """Put the version's files, `MLmodel` among them, into the new folder *to*."""
        ...
