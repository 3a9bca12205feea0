"""Which deployment serves a model, kept for seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.common.errors import ModelNotFoundError, ModelNotReadyError

CAPACITY = 512
"""Models kept at once; the one that was looked up longest ago goes first."""


class LiveDeployments:
    """Looks up the live deployment of a model; one read of the table at most.

    What is kept outlives a replacement by *max_age_s* at most, and the replaced endpoint is
    deleted only after that. That a model is unknown is never kept: it may go live any moment.
    """

    def __init__(
        self,
        store: DeploymentStore,
        *,
        max_age_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._max_age_s = max_age_s
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[float, Deployment]] = OrderedDict()

    def of(self, model_id: str) -> Deployment:
        """The deployment that serves *model_id*.

        Raises: ModelNotFoundError, ModelNotReadyError (its first deployment is coming up).
        """
        kept_until, kept = self._kept.get(model_id, (0.0, None))
        if kept and self._monotonic() < kept_until:
            return kept
        return self.refresh(model_id)

    def refresh(self, model_id: str) -> Deployment:
        """The deployment that serves *model_id* now.

        Raises: as `of`.
        """
        found = self._store.live(model_id) or self._why_none(model_id)
        self._kept[model_id] = (self._monotonic() + self._max_age_s, found)
        self._kept.move_to_end(model_id)
        if len(self._kept) > CAPACITY:
            self._kept.popitem(last=False)
        return found

    def _why_none(self, model_id: str) -> Deployment:
        self._kept.pop(model_id, None)
        if any(
            deployment.status.in_progress for deployment in self._store.list_for_model(model_id)
        ):
            raise ModelNotReadyError("The model is being deployed.")
        raise ModelNotFoundError("No model of this name is deployed.")
