"""The in-memory provider's own meter of an endpoint, which knows every moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(slots=True)
class UsageMeter:
    """Counts the time for which an endpoint starts or runs.

    Attributes:
        begun_at: When it was created.
        gone_at: When it was deleted; None while it stands.
    """

    begun_at: datetime
    counted: timedelta = timedelta()
    running_since: datetime | None = None
    gone_at: datetime | None = None

    def start(self, at: datetime) -> None:
        """Count from then on."""
        self.running_since = self.running_since or at

    def stop(self, at: datetime) -> None:
        """Count until then; a second stop counts nothing more."""
        if self.running_since:
            self.counted += max(timedelta(), at - self.running_since)
        self.running_since = None

    def until(self, now: datetime) -> timedelta:
        """Return what has been counted until *now*."""
        return self.counted + (now - self.running_since if self.running_since else timedelta())
