"""Fixtures: the stand-in of Hugging Face as a process, and a registry that has every image."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.canary.runs import Canary
from tests.local.stand_in_process import end, start


class Registry(BaseHTTPRequestHandler):
    """Answers as an image registry that has each image for two platforms."""

    def do_GET(self) -> None:
        """Give a token to anybody, and a manifest to who has one."""
        if self.path.startswith("/token"):
            self._answer(200, {"token": "anonymous"})
        elif self.headers["Authorization"] == "Bearer anonymous":
            platforms = [{"os": "linux", "architecture": name} for name in ("amd64", "arm64")]
            self._answer(200, {"manifests": [{"platform": each} for each in platforms]})
        else:
            self._answer(401, {})

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def _answer(self, status: int, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def registry_url() -> Iterator[str]:
    """Address of the registry."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory, registry_url: str) -> Iterator[Canary]:
    """The canary against a stand-in of its own."""
    server = start(tmp_path_factory.mktemp("server"))
    try:
        yield Canary(server, registry_url)
    finally:
        end(server)
