"""The processes in which MiniStack runs the functions: what they use, and their end."""

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

_NAME = re.compile(r"Functions(\w+?)Function[0-9A-F]{8}")
"""The function's construct id, in the name that CloudFormation gave it."""
_LOOK_EVERY_S = 0.5
_IDLE_CPU_S = 0.05


class FunctionProcesses:
    """The functions of the MiniStack that runs as process *pid*."""

    def __init__(self, pid: int) -> None:
        self._ministack = psutil.Process(pid)
        self._ended: dict[str, float] = defaultdict(float)

    def cpu_s(self) -> Mapping[str, float]:
        """Return user and system time so far by function, that of ended children included."""
        found: dict[str, float] = defaultdict(float, self._ended)
        for name, process in self._processes():
            with suppress(psutil.NoSuchProcess):
                found[name] += _cpu_s(process)
        return found

    def peak_mib(self) -> dict[str, int]:
        """Return the most memory that a process of each function has held, in MiB."""
        found: dict[str, int] = {}
        for name, process in self._processes():
            with suppress(OSError):
                found[name] = max(found.get(name, 0), peak_mib(process.pid))
        return dict(sorted(found.items()))

    def stop(self) -> None:
        """End them all: the next call of each function is a cold one.

        Raises: LookupError: there is none. A bench that knew none would take warm for cold.
        """
        ended = []
        for name, process in self._processes():
            with suppress(psutil.NoSuchProcess):
                self._ended[name] += _cpu_s(process)
                process.terminate()
                ended.append(process)
        if not ended:
            raise LookupError(f"process {self._ministack.pid} runs no function")
        psutil.wait_procs(ended, timeout=10)

    def wait_until_idle(self, seconds: float) -> None:
        """Return when they have hardly worked for so long."""
        since, before = time.monotonic(), sum(self.cpu_s().values())
        while time.monotonic() - since < seconds:
            time.sleep(_LOOK_EVERY_S)
            now = sum(self.cpu_s().values())
            if now - before > _IDLE_CPU_S:
                since, before = time.monotonic(), now

    def _processes(self) -> Iterator[tuple[str, psutil.Process]]:
        for process in self._ministack.children():
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                name = process.environ().get("AWS_LAMBDA_FUNCTION_NAME", "")
                if match := _NAME.search(name):
                    yield match[1], process


def peak_mib(pid: int) -> int:
    """Return the most memory that the process has held since its start. Raises: OSError.

    `ru_maxrss` is another figure: it begins with what the parent held.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return round(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system
