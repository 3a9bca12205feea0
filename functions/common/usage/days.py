"""Days in UTC, as texts `2026-11-30`."""

import re
from datetime import date

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def day_of(text: str) -> date:
    """Return the day that *text* names. Raises: ValueError (it names none in this form)."""
    if not _DAY.fullmatch(text):
        raise ValueError("A day is written as 2026-11-30.")
    return date.fromisoformat(text)
