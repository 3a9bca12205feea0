"""Takes the whole installation down: afterwards nothing of it serves, and nothing is paid for."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.common.observability import make_logger
from functions.common.packages.model_packages import ModelPackages
from functions.common.providers.base import EndpointControl
from functions.provision.names import installation_tag
from functions.provision.reconciliation.changes import DeleteEndpoint
from functions.provision.reconciliation.reconciler import Reconciler
from functions.provision.reconciliation.report import Report
from functions.provision.registry.base import (
    ModelRegistry,
    RegisteredModel,
    RegisteredVersion,
    VersionNotFoundError,
)
from functions.provision.webhook.keeper import WebhookKeeper

logger = make_logger("reconcile")


class NoRegistry:
    """`ModelRegistry` without a model, for when the real one is gone before its installation."""

    def version(self, _name: str, _version: str) -> RegisteredVersion | None:
        return None

    def model(self, _name: str) -> RegisteredModel | None:
        return None

    def models(self) -> list[RegisteredModel]:
        return []

    def set_tags(self, _name: str, _version: str, _tags: Any) -> None:
        """Do nothing: there is no version."""

    def download(self, name: str, version: str, *, to: Path) -> ModelPackages | None:
        raise VersionNotFoundError(f"{name} {version} → {to}")


def registry_if_reachable(connect: Callable[[], ModelRegistry]) -> ModelRegistry:
    """Return the registry, or `NoRegistry`: without its tags everything can still be deleted."""
    try:
        registry = connect()
        registry.models()
    except Exception:
        logger.exception("take_down.registry_unreachable")
        return NoRegistry()
    return registry


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDown:
    """Takes everything down, step by step: call it until it is done.

    Attributes:
        reconciler: With a planner that is closing.
    """

    reconciler: Reconciler
    webhook: WebhookKeeper
    control: EndpointControl
    installation: str

    def run(self) -> dict[str, Any]:
        """Remove the webhook, undeploy every model, delete every endpoint and repository of ours.

        The first run is never the last: what it undeploys is deleted by the next one, and
        deployments in progress end at their workflow's next step.

        Returns:
            `{"done", "webhook": {"state", "detail"}, "changes": [{"model_id", "change",
            "detail"}], "failed", "left": {"serving", "in_progress", "endpoints", "changes"}}`.
        """
        webhook = self.webhook.remove()
        made = self.reconciler.run(delete_orphans=True, every_record=True)
        left = self.reconciler.run(dry_run=True, every_record=True)
        if left.endpoints and not (left.serving or left.in_progress or left.changes):
            self._sweep(made)
            left = self.reconciler.run(dry_run=True, every_record=True)
        counts = {
            "serving": left.serving,
            "in_progress": left.in_progress,
            "endpoints": left.endpoints,
            "changes": len(left.changes),
        }
        return {
            "done": not any(counts.values()),
            "webhook": webhook.as_json(),
            "changes": made.changes,
            "failed": made.failed,
            "left": counts,
        }

    def _sweep(self, report: Report) -> None:
        """Delete every endpoint that still bears our tag: no deployment needs one any more.

        Also those that are young, and those of records that cannot be read.
        """
        for endpoint in self.control.tagged(installation_tag(self.installation)):
            self.reconciler.make("", [DeleteEndpoint(endpoint_name=endpoint.name)], report)
