"""Watches what this process opens and writes, whichever library does it (PEP 578)."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MAKING = {"os.mkdir", "os.rename", "os.link", "os.symlink", "os.truncate", "shutil.move"}


class Watch:
    """Notes addresses that sockets connect to and paths that are written, while `active`."""

    def __init__(self) -> None:
        self.active = False
        self.connected: set[Any] = set()
        self.written: set[str] = set()
        # There is no way to take a hook off again.
        sys.addaudithook(self._note)

    def _note(self, event: str, args: Any) -> None:
        if not self.active:
            return
        if event in {"socket.connect", "socket.getaddrinfo"}:
            self.connected.add(str(args[1] if event == "socket.connect" else args[0]))
        elif event == "open" and isinstance(args[2], int) and args[2] & _WRITING:
            self.written.add(str(args[0]))
        elif event in _MAKING:
            self.written |= {str(each) for each in args if isinstance(each, str | Path)}

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Begin anew, and watch within the context."""
        self.connected, self.written, self.active = set(), set(), True
        try:
            yield
        finally:
            self.active = False


def reset_peak() -> None:
    """Begin to measure the peak of this process's memory anew (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


def peak_bytes() -> int:
    """Return the peak of this process's resident memory (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = (each for each in lines if each.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
