"""Program of a container, and the folders it has."""

import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NO_IMAGE = 125
"""Exit code of a container whose image cannot be run, as of `docker run`."""


class ContainerStartError(Exception):
    """A container could not be started, for the reason in its log; *exit_code* as of a shell."""

    def __init__(self, exit_code: int, reason: str) -> None:
        super().__init__(reason)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The main process of a container.

    Attributes:
        environ: All its variables.
        port: Where it is expected to listen on 127.0.0.1.
        health_route: None: it is healthy as soon as it runs.
    """

    command: tuple[str, ...]
    environ: Mapping[str, str]
    port: int
    health_route: str | None


@dataclass(frozen=True, slots=True)
class ContainerFiles:
    """The folders of one container, all in *folder*, which is its home."""

    folder: Path

    @property
    def repository(self) -> Path:
        """The files of the model's revision, not to be written to: `/repository`."""
        return self.folder / "repository"

    @property
    def programs(self) -> Path:
        """First on its PATH."""
        return self.folder / "bin"

    @property
    def scratch(self) -> Path:
        """Its `/tmp`."""
        return self.folder / "tmp"

    def create(self) -> None:
        """Make the folders that are empty at first."""
        self.programs.mkdir(parents=True)
        self.scratch.mkdir()

    def protect_repository(self) -> None:
        """Take away all permission to write to the repository."""
        for path in (self.repository, *self.repository.rglob("*")):
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)


def remove_folder(folder: Path) -> None:
    """Delete *folder*, if it is there, with all that is protected in it."""
    for inner, _, _ in folder.walk():
        inner.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
