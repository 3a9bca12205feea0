"""Reads uv's pylock.toml (PEP 751): of each package, the one file that an endpoint installs."""

import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

from functions.common.packages.model_packages import LockedPackage

type File = Mapping[str, Any]
"""`url`, `hashes` and perhaps `size`."""


def locked_packages(pylock: str, *, python: str) -> tuple[LockedPackage, ...]:
    """Return the packages of *pylock* for *python*, e.g. `3.12`, by name."""
    packages = tomllib.loads(pylock).get("packages", [])
    return tuple(_locked(each, python) for each in packages)


def is_for_linux(tag: Tag) -> bool:
    """Return whether a wheel with *tag* is for Linux on x86-64, or for every platform."""
    platform = tag.platform
    return platform == "any" or (platform.startswith("manylinux") and platform.endswith("_x86_64"))


def takes(python: str, tag: Tag) -> bool:
    """Return whether *python* on Linux on x86-64 takes a wheel with *tag*."""
    return is_for_linux(tag) and _without_glibc(tag) in _preferences(python)


def _locked(package: Mapping[str, Any], python: str) -> LockedPackage:
    wheels = package.get("wheels") or [each for each in [package.get("archive")] if each]
    file = _best(wheels, python) if wheels else package["sdist"]
    return LockedPackage(
        name=package["name"],
        version=package["version"],
        url=file["url"],
        sha256=file["hashes"]["sha256"],
        size_bytes=file.get("size"),
        is_source=not wheels,
    )


def _best(wheels: list[File], python: str) -> File:
    """Return the wheel that is made for *python* most closely; of those that differ in the age of
    their glibc only, the smallest: xgboost's for older ones has no code for GPUs."""
    return min(wheels, key=lambda wheel: (_distance(wheel, python), wheel.get("size") or 0))


def _distance(wheel: File, python: str) -> int:
    """Return the place of the wheel's Python and ABI in the order of preference."""
    _, _, _, tags = parse_wheel_filename(unquote(urlsplit(wheel["url"]).path.rpartition("/")[2]))
    order = _preferences(python)
    return min(order.get(_without_glibc(tag), len(order)) for tag in tags)


@cache
def _preferences(python: str) -> dict[tuple[str, str, bool], int]:
    """Return the tags that *python* takes on Linux, the preferred one first.

    Whatever glibc they need: uv has left out those for a newer one, or for another platform.
    """
    version = tuple(map(int, python.split(".")))
    name = f"cp{version[0]}{version[1]}"
    tags = chain(
        cpython_tags(version, abis=[name], platforms=["linux"]),
        compatible_tags(version, name, platforms=["linux"]),
    )
    return {tag: place for place, tag in enumerate(dict.fromkeys(map(_without_glibc, tags)))}


def _without_glibc(tag: Tag) -> tuple[str, str, bool]:
    return tag.interpreter, tag.abi, tag.platform == "any"
