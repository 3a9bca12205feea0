"""Port: the deployments of one model, a page at a time."""

from dataclasses import dataclass
from typing import Protocol

from functions.common.deployments.record import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentPage:
    """Some deployments of a model, the newest request first.

    Attributes:
        deployments: With what people are shown of them; without contract, endpoint and package.
            Those that cannot be read are on no page.
        next_after: Position (`history_index.position_of`) after which the next page begins; None:
            this is the last page.
    """

    deployments: tuple[Deployment, ...]
    next_after: str | None


class DeploymentHistory(Protocol):
    """Every deployment that is still kept of a model."""

    def page(self, model_id: str, *, limit: int, after: str | None = None) -> DeploymentPage:
        """Return at most *limit* deployments that follow the position *after*, read consistently.

        There may be fewer on a page than *limit*, also when there are more: one request to the
        store reads all. An unknown model has none.

        Raises: StoreBusyError.
        """
        ...
