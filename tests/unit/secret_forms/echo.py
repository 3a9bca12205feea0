"""A server that stands for every service and repeats, in every answer, all that it was sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class Echo(BaseHTTPRequestHandler):
    """Answers with `server.status`; its path and `Authorization` go to `server.requests`."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server: Any = self.server
        server.requests.append(f"{self.path} {self.headers.get('Authorization')}")
        quoted = f"{self.headers}{body.decode('utf-8', 'replace')}"
        document = dict.fromkeys(("error", "message", "detail", "error_code", "name"), quoted)
        text = json.dumps(document).encode()
        self.send_response(server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        # The Hub's place for its message.
        self.send_header("X-Error-Message", " ".join(quoted.split())[:1000])
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Print nothing: output counts as log."""


class EchoServer(ThreadingHTTPServer):
    """The server; set `status` before a call."""

    status = 400

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def echoing() -> Iterator[EchoServer]:
    server = EchoServer()
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
