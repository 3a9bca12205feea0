"""A container, here a group of processes: from its files to its exit."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import httpx

from standins.huggingface.endpoint import EndpointPhase
from standins.huggingface.memory_limit import enforce_memory_limit
from standins.huggingface.processes import child, kill_group
from standins.huggingface.program import ContainerStartError, Program

logger = logging.getLogger(__name__)
_PROBE_EVERY_S = 0.1
"""The platform asks every second; tests would wait for it."""
_SIGNALLED = 128

type Prepare = Callable[[IO[bytes]], Awaitable[Program]]
"""Makes all files that the container needs; writes to its log."""


class ProcessContainer:
    """One program, from preparation to exit. See `endpoint.Container`."""

    def __init__(self, prepare: Prepare, *, folder: Path, log: Path, memory_mb: int | None) -> None:
        self.phase, self.exit_code, self.address = EndpointPhase.STARTING, None, None
        self._prepare, self._folder, self._log = prepare, folder, log
        self._memory_mb = memory_mb
        self._pid: int | None = None
        self._task = asyncio.create_task(self._live())

    exit_code: int | None
    address: str | None

    def stop(self) -> None:
        """Begin ending it, with some time for its main process; returns at once, idempotent."""
        if not self._task.cancelling():
            self._task.cancel()

    async def kill(self) -> None:
        """End it at once; return when no process of it is left."""
        self.stop()
        if self._pid is not None:
            kill_group(self._pid)
        await self.ended()

    async def ended(self) -> None:
        """Return when no process of it is left."""
        await asyncio.wait([self._task])

    async def _live(self) -> None:
        try:
            with self._log.open("ab") as log:
                self.exit_code = await self._run(log)
        except Exception:  # the endpoint has to learn that nothing will come
            self.exit_code = 1
            logger.exception("container could not be started")
        finally:
            self.phase = EndpointPhase.EXITED

    async def _run(self, log: IO[bytes]) -> int:
        """Serve until the main process exits by itself; returns its exit code."""
        try:
            program = await self._prepare(log)
        except ContainerStartError as error:
            log.write(f"{error}\n".encode())
            return error.exit_code
        async with child(
            program.command, environ=program.environ, folder=self._folder, log=log
        ) as process:
            self._pid = process.pid
            watching = [asyncio.create_task(self._probe(program))]
            if self._memory_mb is not None:
                limit = enforce_memory_limit(process.pid, self._memory_mb)
                watching.append(asyncio.create_task(limit))
            try:
                code = await process.wait()
            finally:
                for each in watching:
                    each.cancel()
        return code if code >= 0 else _SIGNALLED - code

    async def _probe(self, program: Program) -> None:
        """Ask for its health until the answer is good, as the platform does."""
        address = f"http://127.0.0.1:{program.port}"
        if program.health_route is not None:
            async with httpx.AsyncClient(trust_env=False, base_url=address) as client:
                while not await _is_healthy(client, program.health_route):
                    await asyncio.sleep(_PROBE_EVERY_S)
        self.address, self.phase = address, EndpointPhase.HEALTHY


async def _is_healthy(client: httpx.AsyncClient, route: str) -> bool:
    with suppress(httpx.TransportError):
        return (await client.get(route)).is_success
    return False
