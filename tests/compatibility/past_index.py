"""The package index as it was on a day: PyPI's own answers without what was released since."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx

from functions.common.packages.uv import INDEX_URL

_TYPE = "application/vnd.pypi.simple.v1+json"
"""Source: https://peps.python.org/pep-0700/ (files have an `upload-time`)."""


class PastIndex:
    """A server on this machine, for as long as the block lasts.

    Attributes:
        url: Address of its simple API.
    """

    def __init__(self, day: str) -> None:
        """Serve what had been released before *day* (ISO 8601)."""
        index = httpx.Client(headers={"Accept": _TYPE}, follow_redirects=True, timeout=60)

        class Handler(BaseHTTPRequestHandler):
            """Answers `/simple/<project>/`."""

            def do_GET(self) -> None:
                project = self.path.strip("/").rpartition("/")[2]
                answer = index.get(f"{INDEX_URL}/{project}/")
                self.send_response(answer.status_code)
                self.send_header("Content-Type", _TYPE)
                self.end_headers()
                if answer.is_success:
                    self.wfile.write(_before(day, answer.json()))

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._index = index
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._index.close()


def _before(day: str, project: dict[str, Any]) -> bytes:
    """Return the *project* without files of later than *day*."""
    old = [each for each in project["files"] if each["upload-time"] < day]
    return json.dumps({**project, "files": old}).encode()
