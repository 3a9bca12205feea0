"""Resolves packages with uv, in a process that has nothing of this one's.

uv never runs a package's code here, where our tokens are: it takes wheels alone, and metadata that
we give it for source distributions (see `source_distributions`).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from uv import find_uv_bin

from functions.common.packages.model_packages import PackageIndexUnavailableError
from functions.common.packages.requirement_lines import shown
from functions.common.packages.resolution import Resolution, StaticMetadata

INDEX_URL = "https://pypi.org/simple"
_PLATFORM = "x86_64-manylinux_2_28"
"""Every endpoint's processor, and a glibc of 2018; their containers have a newer one."""
_KEPT_VARIABLES = (
    # Without it, Lambda's interpreter, which uv starts to ask who it is, finds no libpython.
    "LD_LIBRARY_PATH",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)
"""And the way to the network; nothing else of the environment, which holds credentials."""
_UNDATED = ("torch", "torchaudio", "torchvision")
"""PyTorch's own index does not say when files came."""
_FREE_BYTES = 300_000_000
"""The cache is deleted when /tmp has less left."""
_UNREACHABLE = (
    "error sending request",
    "timed out",
    "connection reset",
    "status code: 429",
    "status server error",
    "too many requests",
    "service unavailable",
)
"""Parts of uv's messages, in small letters, on a server that does not answer."""


class ResolutionError(Exception):
    """uv finds no solution; the message is its own, whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uv:
    """Asks the package index, and for torch and its like the index of their CPU builds.

    Attributes:
        timeout_s: For one resolution.
    """

    index_url: str = INDEX_URL
    timeout_s: float = 100

    def resolve(self, resolution: Resolution, *, annotated: bool = False) -> str:
        """Return the lock as a pylock.toml (PEP 751); *annotated*: as a requirements.txt in which
        comments say what requires each package.

        Raises: ResolutionError, PackageIndexUnavailableError.
        """
        with tempfile.TemporaryDirectory() as folder:
            command = self._command(resolution, Path(folder))
            done = self._run([*command, *_form(annotated)], cwd=folder)
        if done.returncode == 0:
            return done.stdout
        words = done.stderr.lower()
        if any(each in words for each in _UNREACHABLE) or not words:
            raise PackageIndexUnavailableError(f"No answer: {shown(done.stderr)}")
        raise ResolutionError(done.stderr)

    def _command(self, resolution: Resolution, folder: Path) -> list[str]:
        """Return the command; its files are written to *folder*."""
        files = {
            "requirements.txt": resolution.requirements,
            "constraints.txt": (*resolution.constraints, *_pins(resolution.sources)),
            "left-out.txt": resolution.left_out,
            "uv.toml": [_settings(resolution.sources)],
        }
        for name, lines in files.items():
            (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [_program(), "pip", "compile", "requirements.txt"]
        command += ["--constraints", "constraints.txt", "--excludes", "left-out.txt"]
        # This file instead of any that uv would look for.
        command += ["--config-file", "uv.toml", "--default-index", self.index_url]
        command += ["--torch-backend", "cpu", "--only-binary", ":all:"]
        for name in resolution.sources:
            command += ["--no-binary", name]
        if resolution.as_of:
            command += ["--exclude-newer", resolution.as_of.isoformat()]
            for name in (*_UNDATED, *resolution.current):
                command += ["--exclude-newer-package", f"{name}=false"]
        # uv asks the running interpreter who it is, and then resolves for the other one.
        command += ["--python", sys.executable, "--no-python-downloads"]
        command += ["--python-version", resolution.python, "--python-platform", _PLATFORM]
        command += ["--no-header", "--quiet", "--color", "never"]
        return command if resolution.with_dependencies else [*command, "--no-deps"]

    def _run(self, command: list[str], *, cwd: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                cwd=cwd,
                env=environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=self.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PackageIndexUnavailableError(
                f"The package index has not answered within {self.timeout_s:g} s."
            ) from None


@cache
def _program() -> str:
    """Return the path of uv, which some emulators of Lambda unpack without the right to run it."""
    found = find_uv_bin()
    if os.access(found, os.X_OK):
        return found
    runnable = Path(tempfile.mkdtemp()) / "uv"
    shutil.copyfile(found, runnable)
    runnable.chmod(0o700)
    return str(runnable)


def _form(annotated: bool) -> list[str]:
    return ["--annotation-style", "line"] if annotated else ["--format", "pylock.toml"]


def _pins(sources: Mapping[str, StaticMetadata]) -> list[str]:
    return [f"{name}=={each.version}" for name, each in sources.items() if each.version]


def _settings(sources: Mapping[str, StaticMetadata]) -> str:
    """Return a uv.toml. Metadata without a version hold for all: none is ever built to read it."""
    return "\n".join(
        f"[[dependency-metadata]]\nname = {_quoted(name)}\n"
        f"requires-dist = [{', '.join(map(_quoted, each.requires))}]"
        for name, each in sources.items()
    )


def _quoted(text: str) -> str:
    """Return *text* as a basic string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def environment() -> dict[str, str]:
    """Return the variables of uv's process; delete its cache when the disk is almost full."""
    cache = Path(tempfile.gettempdir()) / "uv-cache"
    if cache.is_dir() and shutil.disk_usage(cache).free < _FREE_BYTES:
        shutil.rmtree(cache, ignore_errors=True)
    found = {name: value for name, value in os.environ.items() if name.upper() in _KEPT_VARIABLES}
    return {**found, "UV_CACHE_DIR": str(cache)}
