"""Compressed bodies (`Content-Encoding: gzip`).

With compression switched on, API Gateway inflates a body itself and may leave the header as it
was; without, it passes the body on as it came. So the bytes decide, not the header alone.
"""

import gzip
import io
import zlib

from functions.common.errors import (
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)

_NONE = {"", "identity"}
_GZIP = {"gzip", "x-gzip"}
_MAGIC = b"\x1f\x8b"
_JSON_STARTS = (b"{", b"[", b'"', b" ", b"\t", b"\r", b"\n")


def decoded(body: bytes, *, coding: str, max_bytes: int) -> bytes:
    """Return *body* without its content coding.

    Raises: UnsupportedMediaTypeError (another coding than gzip), InvalidRequestError (broken),
    PayloadTooLargeError (more than *max_bytes* when inflated; no more than that is ever made).
    """
    name = coding.strip().lower()
    if name in _NONE:
        return body
    if name not in _GZIP:
        raise UnsupportedMediaTypeError("Send the body as it is, or with Content-Encoding: gzip.")
    if body.startswith(_MAGIC):
        return _inflated(body, max_bytes)
    if body and not body.startswith(_JSON_STARTS):
        raise InvalidRequestError("The body is not the gzip that Content-Encoding declares.")
    return body


def _inflated(body: bytes, max_bytes: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
            inflated = file.read(max_bytes + 1)
            if len(inflated) > max_bytes:
                raise PayloadTooLargeError("The body is larger than 6 MB when inflated.")
            # The check sum stands at the very end.
            file.read(1)
    except (EOFError, OSError, zlib.error):
        raise InvalidRequestError("The body's gzip is cut off or broken.") from None
    return inflated
