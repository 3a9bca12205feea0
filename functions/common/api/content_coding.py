"""Compressed bodies (`Content-Encoding: gzip`).

With compression switched on, API Gateway inflates a body itself and may leave the header as it
was; without, it passes the body on as it came. So the bytes decide, not the header alone.
"""

import zlib

from functions.common.errors import (
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)

_NONE = {"", "identity"}
_GZIP = {"gzip", "x-gzip"}
_MAGIC = b"\x1f\x8b"
_GZIP_WITH_CHECK_SUM = 16 + zlib.MAX_WBITS
_CHUNK_BYTES = 16_384
_MOST_MEMBERS = 128
"""RFC 1952 allows any number. Each costs time, and 6 MB hold 270,000; programs that compress in
blocks write one for each 64 kB."""
_MOST_OVERHEAD_BYTES = 65_536
"""Of the compressed body beyond what is in it: empty blocks cost time as well. Programs that
compress add less than one byte in a thousand to what they cannot make smaller."""
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
    inflated, member, members = bytearray(), _new_member(), 1
    for start in range(0, len(body), _CHUNK_BYTES):
        chunk = body[start : start + _CHUNK_BYTES]
        while chunk:
            if member.eof:
                member, members = _new_member(), members + 1
            inflated += _part(member, chunk, max_bytes - len(inflated))
            # Zeros may follow a member (gzip's own program ignores them, too).
            chunk = member.unused_data.lstrip(b"\0")
        if members > _MOST_MEMBERS or start > len(inflated) + _MOST_OVERHEAD_BYTES:
            raise InvalidRequestError("The body's gzip is larger than what is in it.")
    if not member.eof:
        raise _broken()
    return bytes(inflated)


def _new_member() -> "zlib._Decompress":
    return zlib.decompressobj(_GZIP_WITH_CHECK_SUM)


def _part(member: "zlib._Decompress", chunk: bytes, left_bytes: int) -> bytes:
    """Return what *chunk* adds. Raises: InvalidRequestError, PayloadTooLargeError."""
    try:
        # One more than may be there; 0 would mean without a bound.
        part = member.decompress(chunk, left_bytes + 1)
    except zlib.error:
        raise _broken() from None
    if len(part) > left_bytes:
        raise PayloadTooLargeError("The body is larger than 4 MB when inflated.")
    return part


def _broken() -> InvalidRequestError:
    return InvalidRequestError("The body's gzip is cut off or broken.")
