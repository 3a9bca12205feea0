"""Port: where an endpoint finds the files that it serves."""

from pathlib import Path
from typing import Protocol


class HubRefusedError(Exception):
    """The hub will not take the files, however often it is asked; the message says why."""


class ModelHub(Protocol):
    """Private repositories of model files."""

    def publish(self, folder: Path, repository: str) -> str:
        """Make *folder* the whole content of the private *repository*; return its revision.

        *repository* is `owner/name` and is made when it is not there. The same content again
        changes nothing and gives the same revision, a commit SHA.

        Raises: HubRefusedError.
        """
        ...
