"""The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date in any of HTTP's three forms."""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 3_600
"""Longer waits are cut to this."""
_MOST_DIGITS = 10
_SECONDS = re.compile(r"[0-9]+")


def seconds(value: str, now: datetime) -> int | None:
    """Whole seconds from *now*, 0 to `LONGEST_S`; None for what is not a Retry-After."""
    value = value.strip()
    if _SECONDS.fullmatch(value):
        digits = value.lstrip("0") or "0"
        return min(int(digits), LONGEST_S) if len(digits) <= _MOST_DIGITS else LONGEST_S
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0, math.ceil((moment - now).total_seconds())), LONGEST_S)
