"""Calendar months in UTC, as texts `2026-11`, whose order is that of time."""

from datetime import UTC, datetime, timedelta


def month_of(moment: datetime) -> str:
    """Return the month in which *moment* is."""
    return f"{moment.astimezone(UTC):%Y-%m}"


def month_start(month: str) -> datetime:
    """Return the first moment of *month*."""
    year, _, number = month.partition("-")
    return datetime(int(year), int(number), 1, tzinfo=UTC)


def month_end(month: str) -> datetime:
    """Return the first moment after *month*."""
    return month_start(month_of(month_start(month) + timedelta(days=32)))


def month_before(month: str) -> str:
    """Return the month before *month*."""
    return month_of(month_start(month) - timedelta(days=1))
