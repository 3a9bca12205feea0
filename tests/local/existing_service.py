"""A service on this machine that keeps every request as it came, byte for byte."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import BytesParser
from typing import Any

ANSWER = bytes(range(256)) * 40
"""What it answers: no text in any encoding."""


@dataclass(frozen=True)
class Request:
    """A request as it came; *target* is path and query, header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class ExistingService:
    """Its requests, oldest first. It answers each with 418, which no other part here does."""

    status = 418

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.url = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Answer on a free port for as long as the block lasts."""
        service = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                service.requests.append(_read(self.rfile))
                head = f"HTTP/1.1 {service.status} Teapot\r\nContent-Type: image/x-made-up\r\n"
                head += f"Content-Length: {len(ANSWER)}\r\nConnection: close\r\n\r\n"
                is_head = service.requests[-1].method == "HEAD"
                self.wfile.write(head.encode() + (b"" if is_head else ANSWER))

        with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_address[1]}"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()


def _read(stream: Any) -> Request:
    method, target, _ = stream.readline().decode("ascii").split(" ")
    lines = iter(stream.readline, b"\r\n")
    parsed = BytesParser().parsebytes(b"".join(lines))
    headers = {name.lower(): value for name, value in parsed.items()}
    return Request(method, target, headers, stream.read(int(headers.get("content-length", 0))))
