"""Output of the local system's command line, on a terminal and in a pipe."""

import os
import subprocess
import sys
from pathlib import Path

CHILD = """
from infra.local.__main__ import show_each_line_at_once
show_each_line_at_once()
print("the first line")
input()
"""


def test_each_line_appears_at_once_in_a_pipe() -> None:
    """Starting the system takes a minute, in which the user must see progress."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-c", CHILD]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment | {"PYTHONPATH": str(Path.cwd())},
        text=True,
    ) as child:
        assert child.stdin
        assert child.stdout

        # The child waits for its input: what is read here was not held back until its end.
        assert "the first line\n" == child.stdout.readline()
        child.stdin.write("\n")
