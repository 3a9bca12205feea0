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
_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE = 1
_NOT_FOUND = 127
_NOT_EXECUTABLE = 126


def main() -> None:
    """Tie this process to its parent, then become the command; exits as a shell that cannot."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # For root: write permissions then bind it as anyone else. Others may not drop it.
        prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE)
    if os.getppid() != parent:
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the command is our own list
    except OSError as error:
        print(f"exec {command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE)


if __name__ == "__main__":
    main()
