"""Compressed bodies (`Content-Encoding: gzip`), whoever has to inflate them.

With compression switched on, API Gateway inflates a body itself and may leave the header as it
was; without, it hands the body over as it came. So the bytes decide, not the header alone.
"""

import zlib

from functions.common.api.body import MAX_BYTES
from functions.common.errors import (
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)

_NONE = {"", "identity"}
_GZIP = {"gzip", "x-gzip"}
_MAGIC = b"\x1f\x8b"
_JSON_STARTS = (b"{", b"[", b'"', b" ", b"\t", b"\r", b"\n")


def decoded(body: bytes, *, coding: str | None) -> bytes:
    """*body* without its content coding.

    Raises: UnsupportedMediaTypeError (another coding than gzip), InvalidRequestError (broken),
    PayloadTooLargeError (more than `MAX_BYTES` when inflated; no more than that is ever made).
    """
    name = (coding or "").strip().lower()
    if name in _NONE:
        return body
    if name not in _GZIP:
        raise UnsupportedMediaTypeError("Send the body as it is, or with Content-Encoding: gzip.")
    if body.startswith(_MAGIC):
        return _inflated(body)
    if body and not body.startswith(_JSON_STARTS):
        raise InvalidRequestError("The body is not the gzip that Content-Encoding declares.")
    return body


def _inflated(body: bytes) -> bytes:
    import gzip  # noqa: PLC0415 - few callers compress
    import io  # noqa: PLC0415

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            inflated = file.read(MAX_BYTES + 1)
            if len(inflated) > MAX_BYTES:
                raise PayloadTooLargeError("The body is larger than 6 MB when inflated.")
            # To the very end, where the check sum stands.
            file.read(1)
    except (EOFError, OSError, zlib.error):
        raise InvalidRequestError("The body's gzip is cut off or broken.") from None
    return inflated
