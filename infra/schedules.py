"""How often an environment's scheduled functions run."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings:
    """Intervals.

    Attributes:
        reconcile_every_min: Minutes between two reconciliations of all models.
        uptime_every_min: Minutes between two checks of every model that does not sleep.
    """

    reconcile_every_min: int = 15
    uptime_every_min: int = 5
