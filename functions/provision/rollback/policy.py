"""Automatic rollback as the settings have it."""

from dataclasses import dataclass

from functions.provision.rollback.rule import RollbackBounds
from functions.provision.settings import ProvisionSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackPolicy:
    """Whether, how long and by which bounds new versions are judged.

    Attributes:
        window_s: Seconds after its activation in which a version can be taken back.
        poll_s: Seconds between two looks at it.
    """

    automatic: bool
    window_s: float
    poll_s: float
    bounds: RollbackBounds

    @classmethod
    def of(cls, settings: ProvisionSettings) -> "RollbackPolicy":
        """Return the policy of *settings*."""
        return cls(
            automatic=settings.automatic_rollback,
            window_s=settings.rollback_window_s,
            poll_s=settings.rollback_poll_s,
            bounds=RollbackBounds(
                fault_share=settings.rollback_fault_share, min_calls=settings.rollback_min_calls
            ),
        )
