"""Environments in which models are logged: one Python and some packages each."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from standins.huggingface.interpreters import find_interpreter
from standins.huggingface.machine import uv_executable


class Release(NamedTuple):
    """A release of MLflow, and a day after it (ISO 8601)."""

    mlflow: str
    day: str


NEWEST = Release("3.17.2", "2026-11-15")
"""For models whose MLflow does not matter: the same packages in every run."""
PROGRAMS = Path(__file__).parent / "in_environment"


class Environment:
    """A virtual environment with packages as they were on a day.

    It is skipped, with the test that needs it, where this machine lacks the interpreter.
    """

    def __init__(self, folder: Path, *, python: str, packages: Sequence[str], on: str) -> None:
        """Install *packages*, of what had been released *on* a day (ISO 8601), for *python*."""
        interpreter = find_interpreter(python)
        if interpreter is None:
            pytest.skip(f"This machine has no CPython {python}.")
        self._folder, self._python = folder, folder / "bin/python"
        uv = str(uv_executable())
        _run(uv, "venv", "--quiet", "--python", str(interpreter), str(folder))
        install = (uv, "pip", "install", "--quiet", "--python", str(self._python))
        _run(*install, "--exclude-newer", on, *packages)

    def run(self, program: str, *arguments: str) -> Any:
        """Run *program* of `in_environment`; return the JSON that it prints last."""
        output = _run(str(self._python), str(PROGRAMS / program), *arguments, cwd=self._folder)
        return json.loads(output.splitlines()[-1])


def _run(*command: str, cwd: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": "", "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    return done.stdout
