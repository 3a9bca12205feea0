"""Starts MiniStack, changed in two things.

A REST API gets a request's path as it was sent. So does AWS; MiniStack itself decodes it, and a
name with an encoded `%`, `#` or `/` becomes another one.

Each bundle is unpacked once, in memory where there is room. MiniStack unpacks thousands of files
for every process of a function, which takes longer than the start itself, and as many times their
room. AWS has them unpacked already.

Runs in MiniStack's own Python environment, which holds nothing of ours.
"""

import hashlib
import os
import shutil
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from ministack import app  # type: ignore[import-not-found]
from ministack.core import lambda_runtime  # type: ignore[import-not-found]

_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own in it
_PREFIX = "hokus-ministack-"
_ROOM_BYTES = 4 * 1024**3
"""All bundles of the stack take about a gigabyte."""
_handle = app._handle_execute_api_request  # noqa: SLF001 - there is no public way


async def _handle_raw(host: str, path: str, *args: Any, raw_path: str | None, **more: Any) -> Any:
    return await _handle(host, raw_path or path, *args, raw_path=raw_path, **more)


class UnpackedOnce(zipfile.ZipFile):
    """A bundle whose files are shared by all processes that run it, and only read, as on AWS."""

    folder: Path
    _unpacking = Lock()

    def extractall(self, path: Any = None, *_: Any, **__: Any) -> None:
        """Make *path*, an empty folder, a link to the files; the bundle itself is deleted."""
        contents = repr([(each.filename, each.CRC) for each in self.infolist()])
        shared = self.folder / hashlib.sha256(contents.encode()).hexdigest()
        with self._unpacking:
            if not shared.exists():
                partly = shared.with_suffix(".partly")
                super().extractall(partly)
                partly.rename(shared)
        Path(path).rmdir()
        Path(path).symlink_to(shared, target_is_directory=True)
        Path(str(self.filename)).unlink()


def _fastest_folder() -> str:
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return str(_MEMORY) if in_memory else tempfile.gettempdir()


def _remove_what_was_left(parent: Path) -> None:
    """Remove folders of processes that were killed: memory is scarcer than a disk."""
    for left in parent.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        with suppress(OSError):
            if pid.isdigit() and not Path(f"/proc/{pid}").exists():
                shutil.rmtree(left)


if __name__ == "__main__":
    app._handle_execute_api_request = _handle_raw  # noqa: SLF001 - see above
    parent = _fastest_folder()
    _remove_what_was_left(Path(parent))
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent) as folder:
        # For MiniStack alone: the functions' own temporary files stay where TMPDIR says.
        tempfile.tempdir = folder
        UnpackedOnce.folder = Path(folder) / "bundles"
        lambda_runtime.zipfile = SimpleNamespace(**{**vars(zipfile), "ZipFile": UnpackedOnce})
        sys.exit(app.main())
