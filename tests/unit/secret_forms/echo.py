"""A server that stands for every service and repeats, in every answer, all that it was sent."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlencode

NO_HTTP = 0
"""A status at which the server repeats what it was sent as the first line of no HTTP at all, which
HTTP libraries quote in their errors."""


class Echo(BaseHTTPRequestHandler):
    """Answers with `server.status`; what it was sent goes to `server.requests`."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server: Any = self.server
        server.requests.append(f"{self.path} {self.headers}{body.decode('utf-8', 'replace')}")
        quoted = f"{self.headers}{body.decode('utf-8', 'replace')}"
        line = " ".join(quoted.split())[:1000]
        if server.status == NO_HTTP:
            self.wfile.write(f"{line}\r\n\r\n".encode())
            self.close_connection = True
            return
        document = dict.fromkeys(("error", "message", "detail", "error_code", "name"), quoted)
        text = json.dumps(document).encode()
        self.send_response(server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        # The Hub's place for its message.
        self.send_header("X-Error-Message", line)
        # Nobody answers there.
        self.send_header("Location", f"http://127.0.0.1:9/?{urlencode({'key': line})}")
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
