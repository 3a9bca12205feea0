"""The process that serves a deployment on the stand-in of Hugging Face."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from infra.local.system import LocalSystem

_CHANGES = {"__pycache__", "RECORD"}
"""Compiled files hold times; the records name them."""


@dataclass(frozen=True, slots=True)
class ServingProcess:
    """A running process, and the files that it was started from."""

    process: psutil.Process

    @classmethod
    def of(cls, system: LocalSystem, deployment_id: str) -> Self:
        """Return the process of a live deployment with one replica."""
        (provider,) = (each for each in system.running if each.name == "huggingface")
        (found,) = (
            each
            for each in provider.family()
            if each.cmdline()[-1:]
            and each.cmdline()[-1].endswith("hokus/server.py")
            and each.environ().get("HOKUS_DEPLOYMENT_ID") == deployment_id
        )
        return cls(found)

    @property
    def memory_bytes(self) -> int:
        """Resident memory."""
        return int(self.process.memory_info().rss)

    @property
    def lock(self) -> str:
        """The lock that was installed."""
        server = Path(self.process.cmdline()[-1])
        return server.with_name("requirements.lock").read_text()

    @property
    def packages(self) -> Path:
        """The folder `site-packages` of its environment."""
        (found,) = Path(self.process.environ()["VIRTUAL_ENV"]).glob("lib/python3.*/site-packages")
        return found

    @property
    def installed_bytes(self) -> int:
        """Size of the installed packages."""
        return sum(each.stat().st_size for each in self.packages.rglob("*") if each.is_file())


def digest(packages: Path) -> str:
    """Return the SHA-256 of all files in a folder `site-packages`, without caches."""
    whole = hashlib.sha256()
    for path in sorted(packages.rglob("*")):
        if path.is_file() and not _CHANGES & set(path.relative_to(packages).parts):
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{content} {path.relative_to(packages)}\n".encode())
    return whole.hexdigest()
