"""The files of the page, in `static/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

PAGE = "page.html"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page.

    Attributes:
        etag: Strong, in its quotes; changes with the text.
    """

    text: str
    content_type: str
    etag: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return every file by its name; all are read at the first call."""
    return {file.name: _read(file) for file in sorted(_FOLDER.iterdir()) if file.suffix in _TYPES}


def _read(file: Path) -> Asset:
    raw = file.read_bytes()
    digest = sha256(raw).hexdigest()[:32]
    return Asset(text=raw.decode(), content_type=_TYPES[file.suffix], etag=f'"{digest}"')
