"""Times of requests and registrations, which are the registry's own."""

from datetime import datetime, timedelta

MAX_AHEAD = timedelta(minutes=5)
"""How far another clock may be ahead of ours. The newest request wins by its own time, so one of
the year 2099 would win for decades."""


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Return whether *moment* is so far ahead that its clock must be wrong."""
    return moment - now > MAX_AHEAD
