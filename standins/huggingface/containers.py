"""All containers: their files, their logs, their ends."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import IO
from uuid import uuid4

from standins.huggingface.custom_image import custom_program
from standins.huggingface.documents import EndpointDocument
from standins.huggingface.environments import Environments
from standins.huggingface.host_cores import show_cores
from standins.huggingface.hub_store import HubStore
from standins.huggingface.model_document import Model
from standins.huggingface.process_container import ProcessContainer
from standins.huggingface.program import ContainerFiles, Program, remove_folder
from standins.huggingface.toolkit_image import toolkit_program


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
        self,
        endpoint_id: str,
        document: EndpointDocument,
        *,
        memory_mb: int | None = None,
        host_cores: int | None = None,
    ) -> ProcessContainer:
        """Begin building and starting one; returns at once. See `endpoint.Launcher`."""
        files = ContainerFiles(self._folder / endpoint_id / uuid4().hex[:8])
        files.create()
        self._logs.mkdir(parents=True, exist_ok=True)

        async def prepare(log: IO[bytes]) -> Program:
            return await self._prepare(document.model, files, host_cores, log)

        container = ProcessContainer(
            prepare, folder=files.folder, log=self._log(endpoint_id), memory_mb=memory_mb
        )
        self._containers.setdefault(endpoint_id, []).append(container)
        return container

    async def _prepare(
        self, model: Model, files: ContainerFiles, host_cores: int | None, log: IO[bytes]
    ) -> Program:
        await asyncio.to_thread(self._check_out, model, files)
        cores = show_cores(host_cores, files.programs) if host_cores else {}
        if model.image.custom:
            program = await asyncio.to_thread(custom_program, model, model.image.custom, files)
        else:
            program = await toolkit_program(model, files, self._environments, log)
        return replace(program, environ={**program.environ, **cores})

    def _check_out(self, model: Model, files: ContainerFiles) -> None:
        self._hub.check_out(model.repository, model.revision or "", files.repository)
        files.protect_repository()

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
        """Kill every container, as when the machine is switched off."""
        every = [one for of_endpoint in self._containers.values() for one in of_endpoint]
        await asyncio.gather(*(container.kill() for container in every))
        await asyncio.gather(*map(self._clean, [*self._containers]), *self._cleaning)

    async def _clean(self, endpoint_id: str) -> None:
        for container in self._containers.get(endpoint_id, ()):
            container.stop()
            await container.ended()
        self._containers.pop(endpoint_id, None)
        await asyncio.to_thread(remove_folder, self._folder / endpoint_id)

    def _log(self, endpoint_id: str) -> Path:
        return self._logs / f"{endpoint_id}.log"
