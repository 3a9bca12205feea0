"""Source distributions as text: what they depend on, read without running anything of them."""

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from email.parser import HeaderParser
from typing import IO

from packaging.requirements import Requirement

from functions.common.packages.model_packages import LockedPackage, UnusableRequirementsError
from functions.common.packages.resolution import StaticMetadata

MAX_UNPACKED_BYTES = 2_000_000_000
MAX_METADATA_BYTES = 1_000_000
_METADATA = re.compile(r"[^/]+/PKG-INFO")
_EGG_REQUIREMENTS = re.compile(r"[^/]+/(?:[^/]+/)?[^/]+\.egg-info/requires\.txt")
_GPU_SOURCES = (".cu", ".cuh")
_SECTION = re.compile(r"\[([^:\]]*):?([^\]]*)\]")


def static_metadata(package: LockedPackage, content: bytes) -> StaticMetadata:
    """Return what the source distribution *content* of *package* says of its dependencies.

    Raises: UnusableRequirementsError (it is none, or it is made for GPUs).
    """
    title = f"`{package.name}=={package.version}` has only a source distribution"
    try:
        files = dict(_texts(content))
        if any(name.endswith(_GPU_SOURCES) for name in files):
            raise UnusableRequirementsError(
                f"{title}, whose code is for GPUs, which endpoints do not have. Log the model with "
                "pip_requirements without it."
            )
        requires = [str(Requirement(each)) for each in _requires(files)]
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, ValueError) as error:
        raise UnusableRequirementsError(
            f"{title}, which cannot be read. Log the model with a version that has a wheel."
        ) from error
    return StaticMetadata(version=package.version, requires=tuple(requires))


def _texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield every file's path, with its text where the dependencies may be in it."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                yield member.filename, _text(member.filename, archive.open(member))
        return
    unpacked = 0
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            unpacked += entry.size
            if unpacked > MAX_UNPACKED_BYTES:
                raise ValueError("larger than any source distribution")
            yield entry.name, _text(entry.name, archive.extractfile(entry))


def _text(path: str, file: IO[bytes] | None) -> str:
    if file is None or not (_METADATA.fullmatch(path) or _EGG_REQUIREMENTS.fullmatch(path)):
        return ""
    return file.read(MAX_METADATA_BYTES).decode("utf-8", "replace")


def _requires(files: Mapping[str, str]) -> Iterator[str]:
    """Yield the requirements of PKG-INFO, or of what setuptools wrote before 2023 instead."""
    for path, text in files.items():
        if _METADATA.fullmatch(path):
            yield from HeaderParser().parsestr(text).get_all("Requires-Dist", [])
        elif _EGG_REQUIREMENTS.fullmatch(path):
            yield from _of_sections(text)


def _of_sections(text: str) -> Iterator[str]:
    """Yield the requirements of a requires.txt, in whose sections `[extra:marker]` they stand.

    Those of extras are left out: nobody names an extra of such a package.
    """
    extra, marker = "", ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if section := _SECTION.fullmatch(line):
            extra, marker = section[1], section[2]
        elif not extra:
            yield f"{line}; {marker}" if marker else line
