"""Containers, here processes: each really serves one revision of a repository."""

import asyncio
import logging
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

import httpx
import psutil

from standins.huggingface.documents import EndpointDocument
from standins.huggingface.endpoint import EndpointPhase
from standins.huggingface.environments import BuildError, Environments, basic_environment
from standins.huggingface.hub_store import HubStore
from standins.huggingface.processes import child

logger = logging.getLogger(__name__)
_SERVER = Path(__file__).with_name("toolkit") / "server.py"
_PROBE_EVERY_S = 0.1
_WEIGH_EVERY_S = 0.05
_MIB = 1024 * 1024
_SIGNALLED = 128


class ProcessContainer:
    """A toolkit server for one revision, from checkout to exit. See `endpoint.Container`."""

    def __init__(
        self,
        document: EndpointDocument,
        *,
        folder: Path,
        log: Path,
        check_out: Callable[[Path], None],
        environments: Environments,
        memory_mb: int | None,
    ) -> None:
        self.phase, self.exit_code, self.address = EndpointPhase.STARTING, None, None
        self._document, self._folder, self._log = document, folder, log
        self._check_out, self._environments = check_out, environments
        self._memory_mb = memory_mb
        self._task = asyncio.create_task(self._live())

    exit_code: int | None
    address: str | None

    def stop(self) -> None:
        """Begin ending it; returns at once, and again does nothing."""
        if not self._task.cancelling():
            self._task.cancel()

    async def ended(self) -> None:
        """Return when no process of it is left."""
        await asyncio.wait([self._task])

    async def _live(self) -> None:
        try:
            with self._log.open("ab") as log:
                self.exit_code = await self._run(log)
        except BuildError as error:
            self.exit_code = error.exit_code
        except Exception:  # the endpoint has to learn that nothing will come
            self.exit_code = 1
            logger.exception("container could not be started")
        finally:
            self.phase = EndpointPhase.EXITED

    async def _run(self, log: IO[bytes]) -> int:
        """Serve until the process exits by itself; returns its exit code."""
        repository = self._folder / "repository"
        await asyncio.to_thread(self._check_out, repository)
        python = await self._environments.interpreter(repository / "requirements.txt", log)
        port_file = self._folder / "port"
        command = [str(python), "-u", str(_SERVER), "--port-file", str(port_file)]
        environ = self._environ(repository, python)
        async with child(command, environ=environ, folder=self._folder, log=log) as process:
            work = (self._probe(port_file), self._weigh(process.pid))
            watching = [asyncio.create_task(each) for each in work]
            try:
                code = await process.wait()
            finally:
                for each in watching:
                    each.cancel()
        return code if code >= 0 else _SIGNALLED - code

    def _environ(self, repository: Path, python: Path) -> dict[str, str]:
        scratch = self._folder / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        basic = basic_environment(scratch)
        model = self._document.model
        return {
            **basic,
            "HOME": str(self._folder),
            "PATH": f"{python.parent}:{basic.get('PATH', '')}",
            "HF_MODEL_DIR": str(repository),
            "HF_TASK": model.task,
            **model.env,
            **model.secrets,
        }

    async def _probe(self, port_file: Path) -> None:
        """Ask for its health until the answer is good, as the platform does."""
        async with httpx.AsyncClient(trust_env=False) as client:
            while self.phase is EndpointPhase.STARTING:
                if port_file.is_file():
                    address = f"http://127.0.0.1:{port_file.read_text()}"
                    with suppress(httpx.TransportError):
                        if (await client.get(f"{address}/health")).is_success:
                            self.address, self.phase = address, EndpointPhase.HEALTHY
                            return
                await asyncio.sleep(_PROBE_EVERY_S)

    async def _weigh(self, pid: int) -> None:
        """Kill the process when it holds more memory than it may, as a kernel does."""
        while self._memory_mb is not None:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                if process.memory_info().rss > self._memory_mb * _MIB:
                    process.kill()
            await asyncio.sleep(_WEIGH_EVERY_S)


class Containers:
    """Starts containers, keeps their logs under *logs*, their files under *folder*."""

    def __init__(
        self, *, folder: Path, logs: Path, hub: HubStore, environments: Environments
    ) -> None:
        self._folder, self._logs = folder, logs
        self._hub, self._environments = hub, environments
        self._containers: dict[str, list[ProcessContainer]] = {}
        self._cleaning: set[asyncio.Task[None]] = set()

    def start(
        self, endpoint_id: str, document: EndpointDocument, *, memory_mb: int | None = None
    ) -> ProcessContainer:
        """Begin building and starting one; returns at once. See `endpoint.Launcher`."""
        folder = self._folder / endpoint_id / uuid4().hex[:8]
        folder.mkdir(parents=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        model = document.model
        container = ProcessContainer(
            document,
            folder=folder,
            log=self._log(endpoint_id),
            check_out=lambda to: self._hub.check_out(model.repository, model.revision or "", to),
            environments=self._environments,
            memory_mb=memory_mb,
        )
        self._containers.setdefault(endpoint_id, []).append(container)
        return container

    def log(self, endpoint_id: str) -> str:
        """Return everything that the endpoint's containers have written."""
        path = self._log(endpoint_id)
        return path.read_text(errors="replace") if path.is_file() else ""

    def forget(self, endpoint_id: str) -> None:
        """Remove the endpoint's files once its containers have ended; the log stays."""
        cleaning = asyncio.create_task(self._clean(endpoint_id))
        self._cleaning.add(cleaning)
        cleaning.add_done_callback(self._cleaning.discard)

    async def close(self) -> None:
        """End every container and wait until they are gone."""
        await asyncio.gather(*(self._clean(endpoint_id) for endpoint_id in [*self._containers]))
        await asyncio.gather(*self._cleaning)

    async def _clean(self, endpoint_id: str) -> None:
        for container in self._containers.pop(endpoint_id, []):
            container.stop()
            await container.ended()
        await asyncio.to_thread(shutil.rmtree, self._folder / endpoint_id, ignore_errors=True)

    def _log(self, endpoint_id: str) -> Path:
        return self._logs / f"{endpoint_id}.log"
