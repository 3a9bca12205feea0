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
_STOP_GRACE_S = 3


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


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole group, whose leader may have ended already: SIGTERM, a moment, SIGKILL."""
    if process.returncode is None:
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _STOP_GRACE_S)
    _signal_group(process.pid, signal.SIGKILL)
    await process.wait()


def _signal_group(pid: int, signal_: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal_)
