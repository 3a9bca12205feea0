"""The live deployments of models, cached for seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.common.errors import ModelNotFoundError, ModelNotReadyError, ServiceError

CAPACITY = 512
"""Models cached at once; the one looked up longest ago goes first."""


class LiveDeployments:
    """Looks up live deployments, with one read of the table at most.

    A cached deployment outlives its replacement by *max_age_s* at most; the replaced endpoint is
    deleted later than that. An unknown model is never cached: it may go live at any moment.
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
        self._cache: OrderedDict[str, tuple[float, Deployment]] = OrderedDict()

    def get(self, model_id: str) -> Deployment:
        """Return the deployment that serves *model_id*, perhaps from the cache.

        Raises: ModelNotFoundError, ModelNotReadyError (its first deployment is in progress).
        """
        expires_at, cached = self._cache.get(model_id, (0.0, None))
        if cached and self._monotonic() < expires_at:
            return cached
        return self.refresh(model_id)

    def refresh(self, model_id: str) -> Deployment:
        """Read the deployment that serves *model_id*, and cache it.

        Raises: as `get`.
        """
        found = self._store.live(model_id)
        if found is None:
            self._cache.pop(model_id, None)
            raise self._why_none(model_id)
        self._cache[model_id] = (self._monotonic() + self._max_age_s, found)
        self._cache.move_to_end(model_id)
        if len(self._cache) > CAPACITY:
            self._cache.popitem(last=False)
        return found

    def _why_none(self, model_id: str) -> ServiceError:
        deployments = self._store.state(model_id).deployments
        if any(deployment.status.in_progress for deployment in deployments):
            return ModelNotReadyError("The model is being deployed.")
        return ModelNotFoundError("No model of this name is deployed.")
