"""Child processes that cannot outlive us."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO

_WATCHDOG = Path(__file__).with_name("parent_watchdog.py")
_STOP_GRACE_S = 30
"""Seconds between SIGTERM and SIGKILL. Source: the default of Kubernetes; the platform's own is not
published."""


@asynccontextmanager
async def child(
    command: Sequence[str], *, environ: Mapping[str, str], folder: Path, log: IO[bytes]
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run *command* in its own process group, both streams to *log*; ends with the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(_WATCHDOG), str(os.getpid()), *command),
        env=dict(environ),
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        await _end(process)


def kill_group(pid: int) -> None:
    """End a child and everything that it started, at once."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole group as a container: SIGTERM for its main process, some time, SIGKILL for all.

    The main process may have ended already, and left others.
    """
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_GRACE_S)
    kill_group(process.pid)
    await process.wait()
