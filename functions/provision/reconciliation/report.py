"""The report of a reconciliation."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """Result of a reconciliation.

    Attributes:
        failed: Models, or single changes, that could not be put right; the next run tries again.
    """

    dry_run: bool
    models: int = 0
    serving: int = 0
    endpoints: int = 0
    hourly_cost_usd: float = 0
    changes: list[dict[str, str]] = field(default_factory=list)
    failed: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the report: `{"dry_run", "models", "changes": [{"model_id", "change", "detail"}],
        "failed"}`."""
        return {
            "dry_run": self.dry_run,
            "models": self.models,
            "changes": self.changes,
            "failed": self.failed,
        }
