"""The live deployments of models, cached for seconds."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from functions.common.aws_errors import service_unavailable
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.common.errors import ModelNotFoundError, ModelNotReadyError, ServiceError
from functions.common.observability import make_logger

CAPACITY = 512
"""Models cached at once; the one looked up longest ago goes first."""
STALE_FOR_S = 300
"""Seconds for which a cached deployment is used while the table does not answer; a replaced
endpoint stands for longer, by the default rollback window of ten minutes."""

logger = make_logger("predict")


@dataclass(frozen=True, slots=True)
class _Cached:
    """A deployment, when it was read and when to read it again, in seconds of the clock."""

    deployment: Deployment
    read_at: float
    fresh_until: float


class LiveDeployments:
    """Looks up live deployments, with one read of the table at most.

    A cached deployment outlives its replacement by *max_age_s* at most, or by `STALE_FOR_S` while
    the table does not answer; the replaced endpoint is deleted later than that. An unknown model
    is never cached: it may go live at any moment.
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
        self._cache: OrderedDict[str, _Cached] = OrderedDict()

    def get(self, model_id: str) -> Deployment:
        """Return the deployment that serves *model_id*, perhaps from the cache.

        Raises: ModelNotFoundError, ModelNotReadyError (its first deployment is in progress).
        """
        cached = self._cache.get(model_id)
        if cached is None:
            return self.refresh(model_id)
        if self._monotonic() < cached.fresh_until:
            return cached.deployment
        try:
            return self.refresh(model_id)
        except Exception as error:
            now = self._monotonic()
            if now - cached.read_at >= STALE_FOR_S or service_unavailable(error) is None:
                raise
            logger.warning("lookup.stale", model_id=model_id, exc_info=True)
            self._cache[model_id] = replace(cached, fresh_until=now + self._max_age_s)
            return cached.deployment

    def refresh(self, model_id: str) -> Deployment:
        """Read the deployment that serves *model_id*, and cache it.

        Raises: as `get`.
        """
        found = self._store.live(model_id)
        if found is None:
            self._cache.pop(model_id, None)
            raise self._why_none(model_id)
        now = self._monotonic()
        self._cache[model_id] = _Cached(found, read_at=now, fresh_until=now + self._max_age_s)
        self._cache.move_to_end(model_id)
        if len(self._cache) > CAPACITY:
            self._cache.popitem(last=False)
        return found

    def _why_none(self, model_id: str) -> ServiceError:
        desired = self._store.desired(model_id)
        if desired and desired.deployment_id:
            deployment = self._store.get(model_id, desired.deployment_id)
            # The record is written a moment after the request.
            if deployment is None or deployment.status.in_progress:
                return ModelNotReadyError("The model is being deployed.")
        return ModelNotFoundError("No model of this name is deployed.")
