"""The report of a reconciliation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from functions.common.deployments.store import ModelState
from functions.provision.metering.spending import Spending
from functions.provision.webhook.keeper import WebhookReport


@dataclass(slots=True)
class Report:
    """Result of a reconciliation.

    Attributes:
        credits_exhausted: The provider's account cannot pay.
        spending: Costs of this month, of the models that were looked at.
        failed: Models, or single changes, that could not be put right; the next run tries again.
        held: Changes that an operator must confirm, since the registry or the table seems to have
            lost its memory.
        orphans_held: Deletions of endpoints among them.
        unreadable: Records that cannot be read; their models are left alone, and count as failed.
        webhook: State of MLflow's webhook; None in a reconciliation of one model.
        waiting_for: Name of a secret that people have not filled yet; nothing was done.
    """

    dry_run: bool
    models: int = 0
    serving: int = 0
    in_progress: int = 0
    endpoints: int = 0
    credits_exhausted: bool = False
    spending: Spending = field(default_factory=Spending)
    changes: list[dict[str, str]] = field(default_factory=list)
    held: list[dict[str, str]] = field(default_factory=list)
    orphans_held: int = 0
    unreadable: list[dict[str, str]] = field(default_factory=list)
    failed: int = 0
    webhook: WebhookReport | None = None
    waiting_for: str | None = None

    def count_unreadable(self, states: Iterable[ModelState]) -> set[str]:
        """Return the models with records that cannot be read: what is missing would look like
        lost. Each record is named, and each model counts as failed."""
        found = {state.model_id: state.unreadable for state in states if state.unreadable}
        for model_id, records in found.items():
            self.unreadable += [{"model_id": model_id, "record": each.id} for each in records]
            self.failed += 1
        return set(found)

    def as_json(self) -> dict[str, Any]:
        """Return the report: `{"dry_run", "models", "changes": [{"model_id", "change", "detail"}],
        "held", "unreadable": [{"model_id", "record"}], "failed"}`, where *held* is of the form of
        *changes*; of all models also `"webhook": {"state", "detail"}`; before the secrets are
        filled also `"waiting_for"`."""
        report: dict[str, Any] = {
            "dry_run": self.dry_run,
            "models": self.models,
            "changes": self.changes,
            "held": self.held,
            "unreadable": self.unreadable,
            "failed": self.failed,
        }
        if self.webhook:
            report["webhook"] = self.webhook.as_json()
        if self.waiting_for:
            report["waiting_for"] = self.waiting_for
        return report
