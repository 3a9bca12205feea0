"""Processes of the local system: started in groups of their own, awaited, and ended for certain."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

START_TIMEOUT_S = 180
STOP_TIMEOUT_S = 15


class StartError(Exception):
    """A process did not come up; the message holds the tail of its log."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process that we started, identified by its id and its start time, since ids are used again.

    Attributes:
        started_at: Unix seconds, as the system counts them.
    """

    name: str
    pid: int
    started_at: float

    @property
    def is_alive(self) -> bool:
        process = self._process()
        return process is not None and process.status() != psutil.STATUS_ZOMBIE

    def family(self) -> list[psutil.Process]:
        """Return the process and everything it started; nothing when it has ended."""
        process = self._process()
        return [process, *process.children(recursive=True)] if process else []

    def _process(self) -> psutil.Process | None:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self.pid)
            if abs(process.create_time() - self.started_at) < 1:
                return process
        return None


def stop(running: Sequence[Running]) -> None:
    """End them all and everything they started; politely first."""
    families = [part.family() for part in running]
    everybody = [process for family in families for process in family]
    for family in families:
        for process in family[:1]:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
    _, left = psutil.wait_procs(everybody, timeout=STOP_TIMEOUT_S)
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=STOP_TIMEOUT_S)


def start(
    name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str]
) -> Running:
    """Start *command*, which begins with an absolute path, in a session of its own: our Ctrl-C
    does not reach it, and it may outlive us."""
    output = (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o644)
    pid = os.posix_spawn(
        command[0],
        list(command),
        {**os.environ, **environment},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            output,
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    return Running(name, pid, psutil.Process(pid).create_time())


def wait_until_answering(running: Running, url: str, *, log: Path) -> None:
    """Return when GET *url* answers below 500.

    Raises: StartError (it ended, or START_TIMEOUT_S have passed).
    """

    def answers() -> bool:
        if not running.is_alive:
            raise StartError(f"{running.name} ended while starting:\n{tail(log)}")
        with suppress(httpx.HTTPError):
            return httpx.get(url, timeout=5).status_code < httpx.codes.INTERNAL_SERVER_ERROR
        return False

    if not wait_for(answers, timeout_s=START_TIMEOUT_S):
        raise StartError(f"{running.name} did not answer in {START_TIMEOUT_S} s:\n{tail(log)}")


def wait_for(condition: Callable[[], bool], *, timeout_s: float, every_s: float = 0.1) -> bool:
    """Wait for *condition*; return whether it came true within *timeout_s*."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_s)
    return True


def run(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    cwd: Path,
    on_line: Callable[[str], None],
) -> None:
    """Run *command* to its end; call *on_line* with each line of its output, which goes to *log*.

    Raises: StartError (it failed).
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment},
        text=True,
        errors="replace",
    ) as process:
        try:
            with log.open("a") as output:
                for line in process.stdout or ():
                    output.write(line)
                    on_line(line)
            process.wait()
        finally:
            process.kill()
    if process.returncode != 0:
        raise StartError(f"{' '.join(command[:3])} failed:\n{tail(log)}")


def tail(log: Path, lines: int = 25) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
