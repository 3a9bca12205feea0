"""`ArtifactStore` in a folder of this machine: a version's files once they are downloaded."""

from collections.abc import Iterator
from pathlib import Path

from functions.provision.registry.artifacts import StoredFile

_CHUNK_BYTES = 1024**2


class FolderStore:
    """See `ArtifactStore`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> Iterator[StoredFile]:
        for each in sorted(self._folder.rglob("*")):
            if each.is_file():
                path = each.relative_to(self._folder).as_posix()
                yield StoredFile(path, each.stat().st_size)

    def chunks(self, path: str) -> Iterator[bytes]:
        with (self._folder / path).open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
