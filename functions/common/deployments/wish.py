"""A wish: this version of this model is to be served."""

from dataclasses import dataclass
from datetime import datetime

from functions.common.deployments.record import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody wants this version served.

    Attributes:
        requested_at: The event's own time; the newest wish wins by it.
        attempt: How often the wish has been given a deployment, counting this one.
        registered_at: When the registry took the version in; None from an event, which does not
            say so.
        registry_version: The version that the registry's alias names; None where none decides.
    """

    model_id: str
    model_version: str
    requested_at: datetime
    origin: Origin = Origin.REGISTRY
    attempt: int = 1
    registered_at: datetime | None = None
    registry_version: str | None = None
