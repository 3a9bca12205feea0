"""Reading `Retry-After` (RFC 9110) from any sender."""

from datetime import UTC, datetime

import pytest

from functions.common import retry_after

NOW = datetime(1994, 11, 6, 8, 49, 30, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        ("7", 7),
        (" 120 ", 120),
        ("0000000000000000000000005", 5),
        ("3600", 3_600),
        ("3601", 3_600),
        (5_000 * "9", 3_600),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 7),
        ("Sun Nov  6 08:49:37 1994", 7),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 7),
        ("Sun, 06 Nov 1994 08:49:30 GMT", 0),
        ("Fri, 31 Dec 1993 23:59:59 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3_600),
    ],
)
def test_seconds_and_dates_are_read(value: str, expected: int) -> None:
    """Rounded up, never negative, at most an hour."""
    assert expected == retry_after.seconds(value, NOW)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-1",
        "+1",
        "1.5",
        "1e3",
        "\u0661\u0662",
        "soon",
        "NaN",
        "Sun, 06 Nov",
        "Sun, 99 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 99999 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +9999999999",
        "\x00",
    ],
)
def test_anything_else_is_none(value: str) -> None:
    """The caller then uses a default."""
    assert retry_after.seconds(value, NOW) is None
