"""A package index on this machine, with wheels and source distributions made up by the tests."""

import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EARLY = "2020-01-01T00:00:00Z"
JSON = "application/vnd.pypi.simple.v1+json"


@dataclass
class LocalIndex:
    """Files by their names; *status* other than 200 is what it answers to everything."""

    url: str = ""
    status: int = HTTPStatus.OK
    asked: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    uploaded: dict[str, str] = field(default_factory=dict)

    def add_wheel(
        self,
        name: str,
        version: str,
        *requires: str,
        tag: str = "py3-none-any",
        padding: int = 0,
        uploaded: str = EARLY,
    ) -> None:
        """Add a wheel; *padding*: bytes by which it is larger than another."""
        content, stem = io.BytesIO(), f"{name}-{version}"
        with zipfile.ZipFile(content, "w") as archive:
            info = f"{stem}.dist-info"
            archive.writestr(f"{info}/METADATA", metadata(name, version, requires))
            archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nTag: {tag}\n")
            archive.writestr(f"{info}/RECORD", " " * padding)
        self.files[f"{stem}-{tag}.whl"] = content.getvalue()
        self.uploaded[f"{stem}-{tag}.whl"] = uploaded

    def add_source(self, name: str, version: str, **files: str) -> None:
        """Add a source distribution of *files*, in which `__` in a name stands for `/`."""
        content, stem = io.BytesIO(), f"{name}-{version}"
        with tarfile.open(fileobj=content, mode="w:gz") as archive:
            for path, text in files.items():
                entry = tarfile.TarInfo(f"{stem}/{path.replace('__', '/')}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
        self.files[f"{stem}.tar.gz"] = content.getvalue()

    def page(self, package: str) -> dict[str, Any]:
        """Return the page of *package* as the index's API has it."""
        named = [
            name for name in self.files if name.split("-")[0].replace("_", "-").lower() == package
        ]
        return {
            "meta": {"api-version": "1.1"},
            "name": package,
            "files": [
                {
                    "filename": name,
                    "url": f"{self.url}/files/{name}",
                    "hashes": {"sha256": sha256(self.files[name]).hexdigest()},
                    "size": len(self.files[name]),
                    "upload-time": self.uploaded.get(name, EARLY),
                }
                for name in sorted(named)
            ],
        }


def metadata(name: str, version: str, requires: tuple[str, ...] = ()) -> str:
    """Return the content of METADATA or PKG-INFO."""
    lines = [f"Requires-Dist: {each}\n" for each in requires]
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(lines)


@contextmanager
def serving(index: LocalIndex) -> Iterator[LocalIndex]:
    """Serve *index* on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            name = self.path.strip("/").rpartition("/")[2]
            if self.path.startswith("/files/"):
                self._answer(index.files.get(name), "application/octet-stream")
            else:
                page = index.page(name)
                self._answer(json.dumps(page).encode() if page["files"] else None, JSON)

        do_HEAD = do_GET  # noqa: N815 - the name is the method's

        def _answer(self, content: bytes | None, kind: str) -> None:
            missing = HTTPStatus.NOT_FOUND if content is None else HTTPStatus.OK
            self.send_response(missing if index.status == HTTPStatus.OK else index.status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content or b"")

        def log_message(self, *_line: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        index.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield index
        finally:
            server.shutdown()
