"""In-memory `ModelHub`."""

import hashlib
from pathlib import Path


class FakeModelHub:
    """Read `repositories`: by repository its files, by path. *error* is raised instead."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.error = error

    def publish(self, folder: Path, repository: str) -> str:
        if self.error:
            raise self.error
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self.repositories[repository] = files
        return hashlib.sha1(repr(files).encode(), usedforsecurity=False).hexdigest()
