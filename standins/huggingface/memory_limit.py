"""A limit of a container's memory, kept as a kernel keeps that of a control group."""

import asyncio
from contextlib import suppress

import psutil

from standins.huggingface.processes import kill_group

_WEIGH_EVERY_S = 0.05
_MIB = 1024 * 1024


async def enforce_memory_limit(pid: int, limit_mb: int) -> None:
    """Kill the process group of *pid* once its processes hold more than *limit_mb* (MiB)."""
    while _held_bytes(pid) <= limit_mb * _MIB:
        await asyncio.sleep(_WEIGH_EVERY_S)
    kill_group(pid)


def _held_bytes(pid: int) -> int:
    """Return the memory of a process and its descendants; shared pages count once (Linux: PSS)."""
    held = 0
    with suppress(psutil.NoSuchProcess):
        main = psutil.Process(pid)
        for process in (main, *main.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                memory = process.memory_full_info()
                held += getattr(memory, "pss", memory.rss)
    return held
