"""Commands that the local system runs to their end."""

import gc
import sys
from pathlib import Path

import pytest

from infra.local.processes import StartError, run


def python(code: str, folder: Path) -> list[str]:
    """Run *code* in a Python of its own; return the lines of its output."""
    lines: list[str] = []
    command = [sys.executable, "-c", code]
    run(command, log=folder / "log", environment={}, cwd=folder, on_line=lines.append)
    return lines


def test_a_command_leaves_no_pipe_open(tmp_path: Path) -> None:
    """An open pipe is a ResourceWarning, which fails whatever test comes next."""
    assert ["done\n"] == python("print('done')", tmp_path)

    gc.collect()


def test_a_failed_command_shows_the_end_of_its_log(tmp_path: Path) -> None:
    """The error's message has the command's output."""
    with pytest.raises(StartError, match="no such model"):
        python("import sys; print('no such model'); sys.exit(3)", tmp_path)
