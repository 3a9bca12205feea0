"""Files of a version, read within limits: whoever registers a version chooses what is there."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Protocol

from functions.provision.compatibility.memory import BYTES_PER_GB
from functions.provision.registry.base import FilesRefusedError

_DOWNLOADS = 8
"""Files that are downloaded at once: most are small, and each is a request."""
MAX_FILES = 10_000
MAX_FOLDERS = 200
MAX_PATH_CHARACTERS = 1_000
MAX_MODEL_BYTES = 3_500 * 1024**2
"""Space that the packaging task's 4 GiB of disk have beside its own files."""
MAX_TEXT_BYTES = 4 * 1024**2
"""Largest MLmodel that is read: a signature of 20,000 columns has about 1.5 MB."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a version.

    Attributes:
        path: Relative to the version's folder, its parts separated by `/`.
        size_bytes: As its store says; None when it does not.
    """

    path: str
    size_bytes: int | None


class _Room:
    """Space for files that several threads write."""

    def __init__(self, size_bytes: int) -> None:
        self._left = size_bytes
        self._lock = Lock()

    def take(self, size_bytes: int) -> None:
        """Raises: FilesRefusedError."""
        with self._lock:
            self._left -= size_bytes
            if self._left < 0:
                raise FilesRefusedError(too_large())


class ArtifactStore(Protocol):
    """One version's files, wherever they are kept. Several threads use it at once.

    Every method may raise FilesRefusedError and RegistryUnavailableError.
    """

    def files(self) -> Iterator[StoredFile]:
        """Yield every file, those in folders among them; none for a place that is empty."""
        ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """Yield the content of the file *path*."""
        ...


class VersionFiles:
    """The files in *store*, within the limits of this module.

    Raises: FilesRefusedError and RegistryUnavailableError, everywhere.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store

    @cached_property
    def sizes(self) -> dict[str, int | None]:
        """Sizes in bytes by path; None where the store does not say."""
        found: dict[str, int | None] = {}
        for each in self._store.files():
            found[_checked_path(each.path)] = each.size_bytes
            if len(found) > MAX_FILES:
                raise FilesRefusedError(
                    f"The version has more than {MAX_FILES:,} files. Register the folder of the "
                    "model alone."
                )
        return found

    @property
    def total_bytes(self) -> int | None:
        """Size of all files; None when that of one is unknown."""
        sizes = [size for size in self.sizes.values() if size is not None]
        return sum(sizes) if len(sizes) == len(self.sizes) else None

    def text(self, path: str, *, max_bytes: int = MAX_TEXT_BYTES) -> str:
        """Return the content of a text file, without a byte order mark."""
        try:
            return self._content(path, max_bytes).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FilesRefusedError(
                f"The model's file {path} is not text in UTF-8. Log the model again."
            ) from None

    def download(self, to: Path) -> None:
        """Write every file into the new folder *to*, several at once."""
        to.mkdir(parents=True)
        room = _Room(MAX_MODEL_BYTES)
        with ThreadPoolExecutor(_DOWNLOADS) as threads:
            writing = [threads.submit(self._write, path, to / path, room) for path in self.sizes]
            try:
                for each in as_completed(writing):
                    each.result()
            finally:
                threads.shutdown(cancel_futures=True)

    def _write(self, path: str, target: Path, room: _Room) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                for chunk in self._store.chunks(path):
                    room.take(file.write(chunk))
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise FilesRefusedError(
                f"The version has two files of the name {path}, or a file and a folder. Log "
                "the model again."
            ) from None

    def _content(self, path: str, max_bytes: int) -> bytes:
        content = bytearray()
        for chunk in self._store.chunks(path):
            content += chunk
            if len(content) > max_bytes:
                raise FilesRefusedError(
                    f"The model's file {path} is larger than {max_bytes / 1024**2:g} MiB. Log the "
                    "model with a smaller one."
                )
        return bytes(content)


def too_large(size_bytes: int | None = None) -> str:
    """Return the reason against files of this size; None: of more than is taken."""
    size = f"{size_bytes / BYTES_PER_GB:.2f} GB" if size_bytes else "more"
    return (
        f"The model's files are {size}, and at most {MAX_MODEL_BYTES / BYTES_PER_GB:.2f} GB can be "
        "packaged. Log a smaller model, or, for a transformers model, a reference to the Hub."
    )


def _checked_path(path: str) -> str:
    """Return *path* if it leads to a file within a folder.

    Raises: FilesRefusedError.
    """
    parts = PurePosixPath(path).parts
    is_inside = bool(parts) and not path.startswith("/") and ".." not in parts
    is_plain = path.isprintable() and "\\" not in path and str(PurePosixPath(path)) == path
    if not (is_inside and is_plain and len(path) <= MAX_PATH_CHARACTERS):
        raise FilesRefusedError(
            "The version has a file whose name cannot be taken: it leads out of the folder, holds "
            f"unprintable signs, or has more than {MAX_PATH_CHARACTERS:,} characters."
        )
    return path
