"""A tracking server that has one version, and says of its files what it was told to.

Source: https://mlflow.org/docs/latest/api_reference/rest-api.html.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.registries.generated import Version

NAME = "iris"
_API = "/api/2.0/mlflow"
_ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"


class RegistryServer(ThreadingHTTPServer):
    """Serves `version`, at `url`."""

    version: Version
    daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: RegistryServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query))
        version = self.server.version
        if path == _ARTIFACTS:
            self._send(json.dumps({"files": _listed(version, query["path"])}).encode())
        elif path.startswith(_ARTIFACTS):
            content = version.files.get(path.removeprefix(f"{_ARTIFACTS}/1/m/"))
            self._send(content or b"", status=404 if content is None else 200)
        else:
            self._send(json.dumps(_ANSWERS[path.removeprefix(_API)](version)).encode())

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(b"{}")

    def do_PATCH(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()

    def _send(self, content: bytes, *, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args: object) -> None:
        """Log nothing."""


@contextmanager
def registry_server() -> Iterator[RegistryServer]:
    with RegistryServer(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _listed(version: Version, path: str) -> list[dict[str, Any]]:
    within = path.removeprefix("1/m").strip("/")
    prefix = f"{within}/" if within else ""
    found: dict[str, dict[str, Any]] = {}
    for each, content in version.files.items():
        if each.startswith(prefix):
            name, slash, _ = each.removeprefix(prefix).partition("/")
            size = version.stated_sizes.get(each, len(content))
            found[name] = {"path": name, "is_dir": bool(slash)} | (
                {} if slash else {"file_size": size}
            )
    if version.loops:
        found["loop"] = {"path": "loop", "is_dir": True}
    return list(found.values())


def _model_version(version: Version) -> dict[str, Any]:
    tags = [{"key": key, "value": value} for key, value in version.tags.items()]
    return {
        "model_version": {
            "name": NAME,
            "version": "1",
            "creation_timestamp": version.created_ms,
            "source": version.source,
            "status": "READY",
            "tags": tags,
        }
    }


_ANSWERS: dict[str, Any] = {
    "/model-versions/get": _model_version,
    "/registered-models/get": lambda _: {"registered_model": {"name": NAME}},
    "/model-versions/get-download-uri": lambda version: {"artifact_uri": version.source},
}
