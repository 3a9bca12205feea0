"""How an environment goes back to the version before."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RollbackSettings:
    """Settings of the rollback window.

    Attributes:
        rollback_window_s: Seconds for which a replaced endpoint is kept (and paid for) after the
            activation of the version that has replaced it, so that a rollback takes seconds.
        undeployed_kept_s: Seconds for which the endpoint of an undeployed model is kept; None: as
            long as a replaced one.
        automatic_rollback: A new version whose calls fail within the window is taken back.
        rollback_fault_share: Share of calls, from 0 to 1, above which it is.
        rollback_min_calls: Calls that must have reached it before its share counts.
        rollback_poll_s: Seconds between two looks at a new version.
    """

    rollback_window_s: int = 600
    undeployed_kept_s: int | None = None
    automatic_rollback: bool = True
    rollback_fault_share: float = 0.02
    rollback_min_calls: int = 20
    rollback_poll_s: int = 15
