"""Port: all models by name, a page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.common.deployments.record import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedModel:
    """One model in a listing: its live deployment, or else its desired one.

    Attributes:
        status: `stopped` for a model that is meant to serve nothing.
        model_version: None for such a model.
    """

    model_id: str
    status: Status
    model_version: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPage:
    """Some models in the order of their names.

    Attributes:
        next_after: Name after which the next page begins; None: this is the last page. A model
            whose records cannot be read is on no page.
    """

    models: tuple[ListedModel, ...]
    next_after: str | None


class ModelListing(Protocol):
    """Every model that anybody has ever requested to be served.

    A change may be missing for less than a second.
    """

    def page(self, *, limit: int, after: str | None = None) -> ModelPage:
        """Return at most *limit* models whose names come after *after*, by their UTF-8 bytes.

        Raises: StoreBusyError.
        """
        ...
