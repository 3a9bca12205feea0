"""Days as texts."""

from datetime import date

import pytest

from functions.common.usage.days import day_of


def test_a_day_is_read() -> None:
    """In the one form that sorts by time."""
    assert date(2026, 2, 28) == day_of("2026-02-28")


@pytest.mark.parametrize(
    "text",
    ["", "20260228", "2026-02-30", "2026-W09-1", "2026-2-28", "\uff12026-02-28", "2026-02-28\n"],
)
def test_what_names_no_day_in_this_form_is_refused(text: str) -> None:
    """Also what Python's own reader takes."""
    with pytest.raises(ValueError, match=r"."):
        day_of(text)
