"""Reads how a new version does, and whether the one before it may serve again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.common.deployments.policy import opted_out
from functions.common.deployments.record import Deployment
from functions.common.observability import make_logger
from functions.common.outcomes.counts import CallCounts, quarters_between
from functions.common.outcomes.serving_state import ServingState
from functions.common.outcomes.store import MOST_QUARTERS
from functions.provision.registry.base import ModelRegistry
from functions.provision.registry.tags import is_deployment_of
from functions.provision.rollback.rule import NewVersion

_HOUR_S = 3600
"""Seconds before its replacement for which a version's calls count as its own record."""

logger = make_logger("provision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """View of a new version and of its predecessor."""

    state: ServingState
    registry: Callable[[], ModelRegistry]

    def new_version(
        self, live: Deployment, earlier: Deployment, *, since: datetime, now: datetime
    ) -> NewVersion:
        """Return how *live* has done *since* it replaced *earlier*.

        Raises: CircuitStatesUnavailableError, CallCountsUnavailableError.
        """
        return NewVersion(
            circuit=self.state.circuits.get(live.id),
            counts=self._counts(live, since.timestamp(), now),
            earlier_version=earlier.model_version,
            earlier=self._counts(earlier, since.timestamp() - _HOUR_S, now),
        )

    def may_serve(self, earlier: Deployment) -> bool:
        """Return whether the registry still has the version of *earlier*, not opted out; without
        an answer of the registry, it has."""
        try:
            model = self.registry().model(earlier.model_id)
        except Exception:
            logger.warning("registry.not_asked", exc_info=True)
            return True
        version = model.version(earlier.model_version) if model else None
        return (
            version is not None
            and is_deployment_of(earlier, version)
            and not opted_out(version.tags)
        )

    def _counts(self, deployment: Deployment, start_s: float, now: datetime) -> CallCounts:
        quarters = quarters_between(start_s, now.timestamp(), at_most=MOST_QUARTERS)
        return self.state.counts.total(deployment.id, quarters)
