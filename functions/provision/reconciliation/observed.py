"""A model as a reconciliation sees it. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.deployments.store import ModelState
from functions.common.deployments.times import is_ahead
from functions.common.observability import make_logger
from functions.common.providers.base import Endpoint, EndpointState
from functions.provision.registry.base import ListedVersion, RegisteredModel
from functions.provision.registry.tags import is_deployment_of

_FIRST_PAUSE = timedelta(minutes=15)
_LONGEST_PAUSE = timedelta(days=1)

logger = make_logger("reconcile")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedModel:
    """A model as it was seen: first the records, then the registry, then the provider.

    Attributes:
        model: None when the registry does not know it (any more).
        endpoints: Ours, by name.
        is_running: Whether the execution of this name works on its deployment.
    """

    state: ModelState
    model: RegisteredModel | None
    endpoints: Mapping[str, Endpoint]
    is_running: Callable[[str], bool]
    now: datetime

    @property
    def desired_deployment(self) -> Deployment | None:
        """The record of the desired deployment; None when there is none."""
        return (
            self.state.deployment(self.state.desired.deployment_id) if self.state.desired else None
        )

    def operators_request(self, version: ListedVersion) -> DesiredDeployment | None:
        """Return what an operator desires, if that is *version*, and not an earlier one of its
        number."""
        desired = self.state.desired
        if desired is None or desired.origin is not RequestedBy.OPERATOR:
            return None
        is_it = (
            desired.model_version == version.version
            and version.registered_at <= desired.requested_at
        )
        return desired if is_it else None

    def choice_to_come(self, may_serve: Sequence[ListedVersion]) -> DesiredDeployment | None:
        """Return the operator's request for the first of *may_serve*, unless it has failed for
        good. Whatever serves while it waits for its next attempt, the request goes on."""
        first = next(iter(may_serve), None)
        if first is None or self._has_failed_for_good(first):
            return None
        return self.operators_request(first)

    def newest(self, version: ListedVersion) -> Deployment | None:
        """Return the newest deployment of *version*."""
        return next(
            (each for each in self.state.deployments if is_deployment_of(each, version)), None
        )

    def in_progress(self, version: ListedVersion) -> list[Deployment]:
        """Return the deployments of *version* that a workflow works on, the newest first."""
        return [
            each
            for each in self.state.deployments
            if each.status.in_progress and is_deployment_of(each, version)
        ]

    def serving(self, version: ListedVersion) -> Deployment | None:
        """Return the live deployment if it is of *version* and its endpoint is sound."""
        live = self.state.live
        sound = live is not None and is_deployment_of(live, version) and not self._is_broken(live)
        return live if sound else None

    def endpoint_state(self, deployment: Deployment) -> EndpointState | None:
        """Return the state of the deployment's endpoint; None when there is none."""
        endpoint = self.endpoints.get(deployment.endpoint.name or "")
        return endpoint.state if endpoint else None

    @property
    def is_up(self) -> bool:
        """Return whether the model serves by an endpoint that neither sleeps nor is paused, so that
        another one in its place costs no more."""
        at_rest = {EndpointState.ASLEEP, EndpointState.PAUSED}
        return self.state.live is not None and self.endpoint_state(self.state.live) not in at_rest

    def aliases(self, deployment: Deployment) -> tuple[str, ...]:
        """Return the aliases that name the deployment's version."""
        named = self.model.aliases if self.model else {}
        return tuple(alias for alias, number in named.items() if number == deployment.model_version)

    def can_serve(self, version: ListedVersion) -> bool:
        """Return whether it can be the desired one: it serves, is in progress, or may be tried."""
        if not version.ready:
            return False
        if self.serving(version):
            return True
        if self._has_failed_for_good(version):
            return False
        return bool(self.in_progress(version)) or self._may_try_again(version)

    def _has_failed_for_good(self, version: ListedVersion) -> bool:
        newest = self.newest(version)
        return newest is not None and newest.status is Status.FAILED and not newest.retryable

    def _may_try_again(self, version: ListedVersion) -> bool:
        """Return whether its pause is over: none after the first failure, then longer ones."""
        newest = self.newest(version)
        if newest is None or newest.status is not Status.FAILED or newest.attempt == 1:
            return True
        pause = min(_FIRST_PAUSE * (1 << min(newest.attempt - 2, 10)), _LONGEST_PAUSE)
        return self.now - newest.updated_at >= pause

    def _is_broken(self, deployment: Deployment) -> bool:
        """Return whether its endpoint is gone or has failed; neither comes back by itself."""
        return self.endpoint_state(deployment) in {None, EndpointState.FAILED}


def without_ahead(
    model: RegisteredModel | None, state: ModelState, now: datetime
) -> RegisteredModel | None:
    """Return *model* without the versions whose times are ahead of *now*: each would be the newest
    until then. What serves is kept, however its time came about."""
    if model is None:
        return None
    live = state.live
    kept = [
        each
        for each in model.versions
        if not is_ahead(each.registered_at, now) or (live and is_deployment_of(live, each))
    ]
    if len(kept) == len(model.versions):
        return model
    ahead = sorted({each.version for each in model.versions} - {each.version for each in kept})
    logger.warning("reconcile.versions_ahead", model_id=model.name, versions=ahead)
    return replace(model, versions=tuple(kept))
