"""Starts MiniStack, changed in two things.

A REST API gets a request's path as it was sent. So does AWS; MiniStack itself decodes it, and a
name with an encoded `%`, `#` or `/` becomes another one.

Bundles are unpacked in memory where there is room: MiniStack unpacks thousands of files whenever a
function starts, which on a disk takes longer than the start itself. AWS has them unpacked already.

Runs in MiniStack's own Python environment, which holds nothing of ours.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from ministack import app  # type: ignore[import-not-found]

_MEMORY = Path("/dev/shm")  # noqa: S108 - folders of our own in it
_ROOM_BYTES = 4 * 1024**3
"""All functions of the stack take about a gigabyte."""
_handle = app._handle_execute_api_request  # noqa: SLF001 - there is no public way


async def _handle_raw(host: str, path: str, *args: Any, raw_path: str | None, **more: Any) -> Any:
    return await _handle(host, raw_path or path, *args, raw_path=raw_path, **more)


def _fastest_folder() -> str:
    in_memory = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return str(_MEMORY) if in_memory else tempfile.gettempdir()


if __name__ == "__main__":
    app._handle_execute_api_request = _handle_raw  # noqa: SLF001 - see above
    with tempfile.TemporaryDirectory(prefix="hokus-ministack-", dir=_fastest_folder()) as folder:
        # For MiniStack alone: the functions' own temporary files stay where TMPDIR says.
        tempfile.tempdir = folder
        sys.exit(app.main())
