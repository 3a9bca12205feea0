"""Locks as texts, which the workflow's state carries from the task `validate` to `package`.

A resolution asks the package index about each package, and takes a second or more.
"""

import hashlib
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from msgspec.json import decode, encode

from functions.common.packages.model_packages import Lock, ModelPackages

MAX_CHARACTERS = 65_536
"""Bound of a text. A state has at most 262,144 bytes, and 60 packages take 8,000 characters.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""
_MAX_UNPACKED_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """A lock, and the digest of what it was made for."""

    made_for: str
    lock: Lock


def carried(lock: Lock, packages: ModelPackages, *, runtime: str, python: str) -> str | None:
    """Return the text of *lock*, which was made for the rest; None if it is too long."""
    content = _Carried(made_for=_digest(packages, runtime, python), lock=lock)
    text = b64encode(zlib.compress(encode(content))).decode()
    return text if len(text) <= MAX_CHARACTERS else None


def lock_in(text: object, packages: ModelPackages, *, runtime: str, python: str) -> Lock | None:
    """Return the lock that *text* carries; None if it was made for anything else, or is none."""
    if not isinstance(text, str):
        return None
    try:
        unpacked = zlib.decompressobj().decompress(b64decode(text), _MAX_UNPACKED_BYTES)
        content = decode(unpacked, type=_Carried)
    except (ValueError, zlib.error):
        return None
    return content.lock if content.made_for == _digest(packages, runtime, python) else None


def _digest(packages: ModelPackages, runtime: str, python: str) -> str:
    return hashlib.sha256(repr((packages, runtime, python)).encode()).hexdigest()
