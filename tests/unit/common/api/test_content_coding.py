"""Compressed bodies: decompressed completely, refused if damaged, never above the limit."""

import gzip
import tracemalloc
import zlib

import pytest

from functions.common.api.body import MAX_BYTES
from functions.common.api.content_coding import decoded
from functions.common.errors import (
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)

BODY = b'{"inputs": [[5.1, 3.5, 1.4, 0.2]]}'


def inflate(body: bytes, coding: str) -> bytes:
    return decoded(body, coding=coding, max_bytes=MAX_BYTES)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", " gzip ", "x-gzip"])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_gzip_is_decompressed(coding: str, level: int) -> None:
    """Under both of its names, in any case."""
    assert BODY == inflate(gzip.compress(BODY, level), coding)


def test_gzip_of_several_members_is_one_body() -> None:
    """RFC 1952, 2.2: files may be concatenated."""
    compressed = gzip.compress(BODY[:10]) + gzip.compress(BODY[10:])

    assert BODY == inflate(compressed, "gzip")


@pytest.mark.parametrize("coding", ["", "identity", "Identity"])
def test_without_a_coding_the_body_is_unchanged(coding: str) -> None:
    """Even if it looks like gzip: the JSON parser refuses it then."""
    compressed = gzip.compress(BODY)

    assert compressed == inflate(compressed, coding)


def test_a_body_that_is_already_decompressed_is_unchanged() -> None:
    """API Gateway decompresses and may leave the header."""
    assert BODY == inflate(BODY, "gzip")
    assert b"" == inflate(b"", "gzip")


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "gzip;q=1"])
def test_other_codings_are_refused(coding: str) -> None:
    """No other coding is taken for gzip."""
    with pytest.raises(UnsupportedMediaTypeError):
        inflate(gzip.compress(BODY), coding)


def wrong_check_sum() -> bytes:
    """Return gzip whose check sum does not match."""
    whole = bytearray(gzip.compress(BODY))
    whole[-8] ^= 1
    return bytes(whole)


@pytest.mark.parametrize(
    "broken",
    [
        b"\x1f\x8b",
        gzip.compress(BODY)[:-1],
        gzip.compress(BODY)[:15],
        gzip.compress(BODY)[:10] + b"\xff" * 20,
        gzip.compress(BODY) + b"rest",
        wrong_check_sum(),
        zlib.compress(BODY),
        "\x1f\ufffd\b".encode(),
    ],
)
def test_a_damaged_body_is_an_invalid_request(broken: bytes) -> None:
    """Cut off, altered, not gzip at all, or decoded as text on the way."""
    with pytest.raises(InvalidRequestError):
        inflate(broken, "gzip")


def test_a_decompression_bomb_is_refused_early() -> None:
    """Memory stays near the limit, not near the decompressed size."""
    bomb = gzip.compress(bytes(12 * MAX_BYTES))
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLargeError):
            inflate(bomb, "gzip")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(bomb) < MAX_BYTES / 10
    assert peak < 5 * MAX_BYTES


@pytest.mark.parametrize(("size", "fits"), [(MAX_BYTES, True), (MAX_BYTES + 1, False)])
def test_the_limit_applies_to_the_decompressed_body(size: int, *, fits: bool) -> None:
    """To the byte."""
    body = (b"0123456789" * (size // 10 + 1))[:size]
    compressed = gzip.compress(body, 1)

    if fits:
        assert body == inflate(compressed, "gzip")
    else:
        with pytest.raises(PayloadTooLargeError):
            inflate(compressed, "gzip")
