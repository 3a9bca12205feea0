"""The toolkit's Python environments: one per distinct `requirements.txt`, built once by uv.

The toolkit runs pip at every start, without a cache; here an environment is kept and used again.
"""

import asyncio
import hashlib
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import IO

from standins.huggingface.interpreters import find_interpreter
from standins.huggingface.machine import uv_executable, uv_settings
from standins.huggingface.processes import child
from standins.huggingface.program import NO_IMAGE, ContainerStartError

TOOLKIT_PYTHON = "3.11"
_TOOLKIT_PACKAGES = ("orjson", "starlette==0.47.3", "uvicorn")
"""Packages of the toolkit's container that its server runs on, in its version where that matters. A
model's requirements can exchange them, as they can there."""
_READY = "ready"


class Environments:
    """The environments under one folder; they outlive us."""

    def __init__(self, folder: Path, *, scratch: Path) -> None:
        self._folder, self._scratch = folder, scratch
        self._building: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def interpreter(self, requirements: Path, log: IO[bytes]) -> Path:
        """Return the interpreter of the environment for a requirements file, which need not exist.

        The first call for a file builds the environment, others wait.

        Raises: ContainerStartError (the installer failed, or this machine has no CPython 3.11).
        """
        content = requirements.read_bytes() if requirements.is_file() else b""
        folder = self._folder / self._key(content)
        python = folder / "bin" / "python"
        async with self._building[folder.name]:
            if not (folder / _READY).is_file():
                await self._build(folder, python, requirements if content.strip() else None, log)
                (folder / _READY).touch()
        return python

    async def _build(
        self, folder: Path, python: Path, requirements: Path | None, log: IO[bytes]
    ) -> None:
        base = find_interpreter(TOOLKIT_PYTHON)
        if base is None:
            raise ContainerStartError(
                NO_IMAGE,
                f"The toolkit cannot be run: CPython {TOOLKIT_PYTHON} is not on this machine.",
            )
        shutil.rmtree(folder, ignore_errors=True)
        install = ["pip", "install", "--python", str(python)]
        await self._uv(["venv", "--quiet", "--python", str(base), str(folder)], log)
        await self._uv([*install, "--quiet", *_TOOLKIT_PACKAGES], log)
        if requirements is not None:
            await self._uv([*install, "-r", str(requirements)], log)

    async def _uv(self, arguments: list[str], log: IO[bytes]) -> None:
        kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        environ = {**kept, **uv_settings(), "LANG": "C.UTF-8", "TMPDIR": str(self._scratch)}
        command = [str(uv_executable()), *arguments]
        async with child(command, environ=environ, folder=self._scratch, log=log) as process:
            exit_code = await process.wait()
        if exit_code != 0:
            raise ContainerStartError(exit_code, f"uv ended with {exit_code}")

    def _key(self, requirements: bytes) -> str:
        parts = [requirements, " ".join((TOOLKIT_PYTHON, *_TOOLKIT_PACKAGES)).encode()]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
