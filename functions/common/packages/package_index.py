"""The package index's own pages, for what uv does not say."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import httpx
from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from functions.common.packages.model_packages import LockedPackage, PackageIndexUnavailableError
from functions.common.packages.uv import INDEX_URL

MAX_BYTES = 100_000_000
"""Largest page or source distribution that is read."""
_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
"""Source: https://packaging.python.org/en/latest/specifications/simple-repository-api/"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageIndex:
    """Reads pages and files of the package index."""

    index_url: str = INDEX_URL
    timeout_s: float = 30

    def wheel_tags(self, name: str, version: str) -> list[Tag]:
        """Return the Pythons and platforms that a release has wheels for.

        Raises: PackageIndexUnavailableError.
        """
        content = self._content(f"{self.index_url}/{canonicalize_name(name)}/", headers=_JSON)
        files = json.loads(content)["files"]
        return [tag for each in files for tag in _tags(each["filename"], version)]

    def source(self, package: LockedPackage) -> bytes:
        """Return the file of *package*.

        Raises: PackageIndexUnavailableError.
        """
        content = self._content(package.url, headers={})
        if sha256(content).hexdigest() != package.sha256:
            raise PackageIndexUnavailableError(f"{package.name} came with another hash.")
        return content

    def _content(self, url: str, *, headers: dict[str, str]) -> bytes:
        content = bytearray()
        try:
            with httpx.stream(
                "GET", url, headers=headers, timeout=self.timeout_s, follow_redirects=True
            ) as answer:
                answer.raise_for_status()
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > MAX_BYTES:
                        raise PackageIndexUnavailableError("The package index sends too much.")
        except httpx.HTTPError as error:
            raise PackageIndexUnavailableError("The package index does not answer.") from error
        return bytes(content)


def _tags(filename: str, version: str) -> Iterator[Tag]:
    try:
        _name, of_file, _build, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return
    if of_file == Version(version):
        yield from tags
