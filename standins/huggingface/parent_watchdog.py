"""Runs a command that dies with its parent: `python parent_watchdog.py PARENT_PID COMMAND …`.

Linux sends the signal when the parent's *thread* ends, so the parent starts this from a thread
that lives as long as it does. Elsewhere the command simply runs.
Source: prctl(2), PR_SET_PDEATHSIG; the setting survives execve(2).
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - the command is our own list


if __name__ == "__main__":
    main()
