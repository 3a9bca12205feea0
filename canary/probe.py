"""Server that runs in a container and reports what it finds there: `python3 probe.py`.

It needs the standard library alone and runs on Python 3.10 to 3.14. Routes:

    GET  /health           the status in the variable HOKUS_HEALTH
    GET  /facts            user, Python, processors, memory, writable places, free disk
    GET  /headers          names of the request's headers; one of them is answered by its value
    GET  /status/<status>  that status with a body and headers of our own
    GET  /wait/<seconds>   200 after that time
    POST /size             number of bytes of the request's body
"""

import json
import os
import platform
import shutil
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SHOWN_HEADER = "X-Hokus-Secret"
ANSWER_HEADER = "X-Hokus-Probe"
RETRY_AFTER_S = 7
_PLACES = ("/", "/repository", "/tmp", "/var/tmp", "/dev/shm", "/app", "~")  # noqa: S108 - probed
_MEMORY_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def facts() -> dict[str, Any]:
    """Return what this process sees of its container."""
    return {
        "uid": os.getuid(),
        "gid": os.getgid(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "usable_processors": len(os.sched_getaffinity(0)),
        "memory_limit": _memory_limit(),
        "writable": {place: _is_writable(place) for place in _PLACES},
        "free_disk_gb": {place: _free_gb(place) for place in _PLACES},
        "folder": str(Path(__file__).parent),
        "uv": shutil.which("uv") is not None,
        "git": shutil.which("git") is not None,
        "variables": sorted(os.environ),
    }


def _memory_limit() -> str:
    for path in _MEMORY_LIMITS:
        try:
            return Path(path).read_text(encoding="ascii").strip()
        except OSError:
            continue
    return "unknown"


def _is_writable(place: str) -> bool:
    try:
        with tempfile.TemporaryFile(dir=Path(place).expanduser()):
            return True
    except (OSError, RuntimeError):
        return False


def _free_gb(place: str) -> float | None:
    try:
        return round(shutil.disk_usage(Path(place).expanduser()).free / 1e9, 1)
    except (OSError, RuntimeError):
        return None


class Probe(BaseHTTPRequestHandler):
    """Answers the routes above; logs nothing."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a route that takes no body."""
        name, _, argument = self.path.strip("/").partition("/")
        if name == "facts":
            self._answer(200, facts())
        elif name == "headers":
            shown = self.headers.get(SHOWN_HEADER)
            self._answer(200, {"names": sorted(self.headers), "shown": shown})
        elif name == "status":
            self._answer(int(argument), {"deployment_id": "probe", "status": int(argument)})
        elif name == "wait":
            time.sleep(float(argument))
            self._answer(200, {"waited_s": float(argument)})
        elif name == "health":
            self._answer(int(os.environ["HOKUS_HEALTH"]), {})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        """Read the body; answer its size."""
        remaining = int(self.headers.get("Content-Length") or 0)
        read = 0
        while remaining > 0 and (part := self.rfile.read(min(remaining, 1 << 20))):
            read, remaining = read + len(part), remaining - len(part)
        self._answer(200, {"bytes": read})

    def log_message(self, *_: Any) -> None:
        """Log nothing: the log's tail is what the platform shows of a failure."""

    def _answer(self, status: int, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Retry-After", str(RETRY_AFTER_S))
        self.send_header(ANSWER_HEADER, "answered")
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Serve until the process is ended."""
    host = os.environ.get("HOKUS_HOST", "0.0.0.0")  # noqa: S104 - a container's own network
    ThreadingHTTPServer((host, int(os.environ["HOKUS_PORT"])), Probe).serve_forever()


if __name__ == "__main__":
    main()
