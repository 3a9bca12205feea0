"""The days that a caller asks about: the query parameters `from` and `to`."""

from collections.abc import Mapping
from datetime import date, timedelta

from functions.common.errors import InvalidRequestError
from functions.common.usage.days import day_of

MOST_DAYS = 92
"""A quarter of a year, whichever."""
_DEFAULT_DAYS = 30


def asked_days(query: Mapping[str, str], *, today: date) -> tuple[date, date]:
    """Return the first and the last day; by default the 30 days up to *today* (UTC).

    Raises: InvalidRequestError (no days, an end before the start or in the future, too many).
    """
    last = _day(query, "to") or today
    first = _day(query, "from") or last - timedelta(days=_DEFAULT_DAYS - 1)
    if last > today:
        raise InvalidRequestError("to is today, in UTC, or earlier.")
    if first > last:
        raise InvalidRequestError("from is the same day as to, or earlier.")
    if (last - first).days >= MOST_DAYS:
        raise InvalidRequestError(f"From from to to there are at most {MOST_DAYS} days.")
    return first, last


def _day(query: Mapping[str, str], name: str) -> date | None:
    if name not in query:
        return None
    try:
        return day_of(query[name])
    except ValueError:
        raise InvalidRequestError(f"{name} is a day such as 2026-11-30.") from None
