"""Port to the hub where an endpoint finds the files that it serves."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MODEL_FOLDER = "model"
"""Folder of MLflow's files within a package."""


class HubRefusedError(Exception):
    """The hub refuses the operation permanently; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Files that an endpoint serves, complete in a folder.

    Attributes:
        digest: Of all of them but the marker, SHA-256 in hexadecimal.
        notes: What people should know of how it starts, for the timeline.
    """

    digest: str
    notes: tuple[str, ...] = ()


class ModelHub(Protocol):
    """Repositories of model files: private ones of ours, and those of others that we may read."""

    def upload(self, folder: Path, repository: str, *, at: str) -> None:
        """Upload the large files of *folder*, which `publish` will find in its folder *at*.

        *repository* is `owner/name`, private, and made when it is not there.

        Raises: HubRefusedError.
        """
        ...

    def publish(self, folder: Path, repository: str) -> str:
        """Make *folder* the whole content of *repository*, which is there; return its revision.

        The same content again changes nothing and gives the same revision, a commit SHA.

        Raises: HubRefusedError.
        """
        ...

    def resolve(self, repository: str, revision: str | None) -> str:
        """The commit SHA that *revision* of *repository* stands for now; None: its main branch.

        *revision* is a branch, a tag or a commit.

        Raises: HubRefusedError (there is none, or we may not read its files).
        """
        ...
