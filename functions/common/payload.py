"""The largest body of a request, and the largest answer."""

MAX_BYTES = 4_000_000
"""Bytes of a body without its content coding, and bytes of an answer.

A Lambda function receives and returns at most 6,291,456 bytes of JSON, with the body as a string:
text grows by its escapes, to twice its size and more, base64 by a third. So whatever a body holds,
these fit in base64, with one megabyte left for headers and the request's context.
Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""
MAX_TEXT_BYTES = 5_200_000
"""Bytes of an answer as text, its escapes included, with as much left."""
ANY_TEXT_BYTES = MAX_TEXT_BYTES // 6
"""Bytes of an answer that always fits as text: no escape is longer than six bytes for each byte."""
_ESCAPED = b'"\\\n\r\t'


def fits_as_text(answer: bytes) -> bool:
    """Return whether *answer*, which is JSON, fits as text, which costs less than base64."""
    if not answer.isascii():
        return False
    if 2 * len(answer) <= MAX_TEXT_BYTES:
        return True
    escapes = len(answer) - len(answer.translate(None, _ESCAPED))
    return len(answer) + escapes <= MAX_TEXT_BYTES
