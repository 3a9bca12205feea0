"""How long a caller would rather wait."""

import pytest

from functions.predict.preferences import wait_s


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        (None, 0),
        ("", 0),
        ("wait=20", 20),
        ("Wait = 20", 20),
        ('wait="5"', 5),
        ("respond-async, wait=10", 10),
        ("wait=7; foo=bar", 7),
        ("wait", 0),
        ("wait=-1", 0),
        ("wait=1.5", 0),
        ("wait=99999999", 0),
        ("wait=²", 0),
        ("waiting=5", 0),
    ],
)
def test_what_is_not_understood_is_ignored(prefer: str | None, expected: int):
    """As for every preference of RFC 7240."""
    assert expected == wait_s(prefer)
