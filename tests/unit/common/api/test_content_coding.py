"""Compressed bodies: decompressed completely, refused if damaged, never above the limit."""

import gzip
import random
import time
import tracemalloc
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.common.api.content_coding import decoded
from functions.common.errors import (
    InvalidRequestError,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
)
from functions.common.payload import MAX_BYTES

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


EMPTY = gzip.compress(b"", mtime=0)
BLOCK = b"\0\0\0\xff\xff"
"""An empty stored block of deflate."""


def of_empty_blocks(count: int) -> bytes:
    """Return gzip of *count* blocks without content."""
    return EMPTY[:10] + BLOCK * count + b"\3\0" + EMPTY[-8:]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(EMPTY * 220_000, id="empty members, 4.4 MB"),
        pytest.param(gzip.compress(b" ") * 200_000, id="members of a byte"),
        pytest.param(gzip.compress(b" " * 24) * 200_000, id="members as large as what is in them"),
        pytest.param(of_empty_blocks(1_000_000), id="empty blocks"),
        pytest.param(gzip.compress(BODY) + b"\0" * 5_000_000, id="zeros at the end"),
    ],
)
def test_a_body_that_costs_time_and_holds_nothing_is_refused(body: bytes) -> None:
    """It took 5.6 s of CPU. Processor time is measured: the machine may be busy."""
    began = time.thread_time()
    with pytest.raises(InvalidRequestError):
        inflate(body, "gzip")

    assert time.thread_time() - began < 1


def test_blocks_of_64_kb_are_taken() -> None:
    """As programs write them that compress in parallel, with an empty member at the end."""
    content = bytes(range(256)) * (MAX_BYTES // 256)
    blocks = [content[start : start + 65_280] for start in range(0, len(content), 65_280)]

    assert content == inflate(b"".join(map(gzip.compress, [*blocks, b""])), "gzip")


def test_what_cannot_be_made_smaller_is_taken() -> None:
    """Compressors add little to it."""
    content = random.Random(7).randbytes(MAX_BYTES)  # noqa: S311 - no secret

    assert content == inflate(gzip.compress(content), "gzip")


members = st.lists(
    st.one_of(
        st.binary(max_size=300).map(gzip.compress),
        st.integers(1, 500).map(of_empty_blocks),
        st.just(EMPTY),
        st.integers(1, 40).map(bytes),
        st.binary(max_size=30),
        st.builds(
            lambda size, level: gzip.compress(bytes(size), level),
            st.integers(0, 3_000_000),
            st.sampled_from([0, 1, 9]),
        ),
    ),
    max_size=20,
)


@given(members, st.integers(1, 200), st.integers(0, 30))
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_stream_is_read_as_gzip_reads_it_or_refused(
    parts: list[bytes], times: int, cut: int
) -> None:
    """In bounded time and space, with an error of our own."""
    stream = b"\x1f\x8b" + (b"".join(parts) * times)[2 : MAX_BYTES - cut]
    began = time.thread_time()
    try:
        inflated = inflate(stream, "gzip")
    except (InvalidRequestError, PayloadTooLargeError):
        inflated = None
    assert time.thread_time() - began < 1

    if inflated is not None:
        assert gzip.decompress(stream) == inflated
        assert len(inflated) <= MAX_BYTES
