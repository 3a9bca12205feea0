"""Events as others receive them; docs/events.md describes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from functions.common.deployments.record import utc_text

SOURCE = "hokus.model-serving"


class EventKind(StrEnum):
    """The event's `detail-type`."""

    MODEL_AGREEMENT = "model.agreement"
    MODEL_LIVE = "model.live"
    MODEL_ROLLED_BACK = "model.rolled_back"
    MODEL_FAILED = "model.failed"
    MODEL_UNDEPLOYED = "model.undeployed"
    BUDGET_REACHED = "budget.reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Attributes:
        subject: What it happened to, e.g. a deployment's id. With the kind it makes the event's id,
            which is the same however often the event is published.
        time: When it happened, as far as it is known.
        summary: One sentence for people.
        facts: JSON values by name, which differ by kind; no secret among them.
    """

    kind: EventKind
    subject: str
    time: datetime
    summary: str
    facts: Mapping[str, Any]

    def detail(self, *, installation: str, environment: str) -> dict[str, Any]:
        """Return the event's `detail`."""
        return {
            "id": f"{self.subject}:{self.kind}",
            "installation": installation,
            "environment": environment,
            "time": utc_text(self.time),
            "summary": self.summary,
            **self.facts,
        }
