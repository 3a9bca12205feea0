"""Plan the changes that bring a model in line with the registry. Pure: changes nothing itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.deployments.requests import DeployRequest
from functions.common.deployments.transitions import nothing_desired
from functions.common.ledger.budget_use import BudgetAction
from functions.common.providers.base import EndpointState
from functions.provision.metering.spending import Spending
from functions.provision.reconciliation.candidates import candidates
from functions.provision.reconciliation.changes import (
    Change,
    DeleteResources,
    Deploy,
    Forget,
    MarkFailed,
    Restart,
    Resume,
    SetDesired,
    Settle,
    StopIdle,
    Undeploy,
    UpdateTags,
)
from functions.provision.reconciliation.observed import ObservedModel
from functions.provision.reconciliation.settling import is_settled
from functions.provision.registry.base import ListedVersion
from functions.provision.registry.tags import is_deployment_of, stale_tags

STUCK_AFTER = timedelta(seconds=30)
"""The webhook is between the record and the execution for no longer than it may run at all."""
MAX_RUNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Plans the changes of one model.

    Attributes:
        retire_after: How long a stopped deployment's endpoint is kept.
        keep_records: How long the record of a settled deployment is kept.
        spending: Costs of this month, as counted last.
        closing: The installation is being taken down: nothing may serve until it is asked for anew.
    """

    policy: DeployPolicy
    api_url: str
    retire_after: timedelta
    keep_records: timedelta
    spending: Spending = field(default_factory=Spending)
    closing: bool = False

    def changes(self, observed: ObservedModel) -> Iterator[Change]:
        """Yield the changes in the order to make them; none when all is as desired."""
        if desired := _of_unknown_model(observed):
            yield Forget(expected=desired)
        else:
            yield from self._deployments(observed)
        yield from self._unfinished(observed)
        yield from self._leftovers(observed)

    def stale_tags(self, observed: ObservedModel) -> Iterator[Change]:
        """Yield updates of tags; *observed* must have been read after the changes."""
        if observed.model is not None:
            month = self.spending.months.get(observed.state.model_id)
            untrue = stale_tags(observed.state, observed.model, api_url=self.api_url, month=month)
            for version, tags in untrue.items():
                yield UpdateTags(version=version, tags=tags)

    def _deployments(self, observed: ObservedModel) -> Iterator[Change]:
        model = None if self.closing else observed.model
        may_serve = candidates(observed.state, model, self.policy)
        wanted = next(filter(observed.can_serve, may_serve), None)
        yield from self._note_alias(observed)
        asked = observed.choice_to_come(may_serve)
        steps = list(self._serve(wanted, observed, asked)) if wanted else []
        if self.closing:
            steps += _undeployed_for_good(observed)
        elif not any(isinstance(step, Deploy | SetDesired) for step in steps):
            steps += _undo_desired(observed, may_serve)
        yield from steps
        live = observed.state.live
        if live and not _is_one_of(live, may_serve):
            yield Undeploy(deployment=live, why=self._why_not(observed, live))
        elif live:
            yield from self._at_rest(live, observed)

    def _at_rest(self, live: Deployment, observed: ObservedModel) -> Iterator[Resume | StopIdle]:
        """Resume a paused endpoint, or, when the budget is used up, stop one that nobody uses and
        leave a paused one as it is."""
        state, spending = observed.endpoint_state(live), self.spending
        if not spending.budget.used_up:
            if state is EndpointState.PAUSED:
                yield Resume(deployment=live)
            return
        coming = any(each.status.in_progress for each in observed.state.deployments)
        may_stop = spending.action is not BudgetAction.NONE and not coming
        if may_stop and state is EndpointState.RUNNING and spending.is_idle(live):
            yield StopIdle(deployment=live, pause=spending.action is BudgetAction.PAUSE)

    def _note_alias(self, observed: ObservedModel) -> Iterator[SetDesired]:
        """Note the alias's version at an operator's request: when it moves, the registry wins."""
        desired, named = observed.state.desired, self._registry_version(observed)
        spoken = desired is not None and desired.origin is RequestedBy.OPERATOR
        if desired and spoken and named is not None and desired.registry_version is None:
            noted = replace(desired, registry_version=named)
            yield SetDesired(desired=noted, expected=desired)

    def _serve(
        self, version: ListedVersion, observed: ObservedModel, asked: DesiredDeployment | None
    ) -> Iterator[Change]:
        """See to it that *version* serves, or is on its way to; *asked* goes on."""
        coming, serving = observed.in_progress(version), observed.serving(version)
        if observed.desired_deployment in coming:
            return
        if serving:
            if observed.desired_deployment != serving:
                yield self._set_desired(serving, observed, asked)
        elif coming:
            yield self._set_desired(coming[0], observed, asked)
        elif not self._waits_for_budget(version, observed):
            yield self._deploy(version, observed, asked)

    def _waits_for_budget(self, version: ListedVersion, observed: ObservedModel) -> bool:
        """Return whether *version*, which has failed before, would fail again for the budget. Its
        first deployment tells people so."""
        earlier = observed.newest(version)
        failed = earlier is not None and earlier.status is Status.FAILED
        return failed and self.spending.budget.used_up and not observed.is_up

    def _deploy(
        self, version: ListedVersion, observed: ObservedModel, asked: DesiredDeployment | None
    ) -> Deploy:
        newest = observed.newest(version)
        operators = observed.operators_request(version)
        # Another request of the same version may have been deployed, and the operator's got lost.
        is_others = operators and newest and newest.requested_at != operators.requested_at
        earlier = None if is_others else newest
        known = earlier or operators
        moment = version.registered_at if self.policy.alias is None else observed.now
        request = DeployRequest(
            model_id=observed.state.model_id,
            model_version=version.version,
            requested_at=known.requested_at if known else moment,
            origin=known.origin if known else RequestedBy.REGISTRY,
            user_id=known.user_id if known else None,
            attempt=earlier.attempt + 1 if earlier else 1,
            allow_breaking=bool(earlier and earlier.allow_breaking),
            registered_at=version.registered_at,
            registry_version=self._registry_version(observed),
        )
        return Deploy(
            request=request, expected=observed.state.desired, asked=asked, why=_why(newest)
        )

    def _set_desired(
        self, deployment: Deployment, observed: ObservedModel, asked: DesiredDeployment | None
    ) -> SetDesired:
        """Make *deployment* the desired one; an operator's request, *asked*, goes on."""
        desired = DesiredDeployment.of(deployment)
        if asked:
            desired = replace(asked, deployment_id=deployment.id)
        known = replace(desired, registry_version=self._registry_version(observed))
        return SetDesired(desired=known, expected=observed.state.desired)

    def _registry_version(self, observed: ObservedModel) -> str | None:
        if self.policy.alias is None or observed.model is None:
            return None
        return self.policy.named(observed.model.aliases)

    def _why_not(self, observed: ObservedModel, live: Deployment) -> str:
        if self.closing:
            return "The installation is being taken down."
        desired = observed.state.desired
        if desired and desired.origin is RequestedBy.OPERATOR and desired.deployment_id is None:
            return "Undeployed by an operator."
        listed = observed.model.version(live.model_version) if observed.model else None
        if listed is None or not is_deployment_of(live, listed):
            return "Deleted in MLflow."
        if self.policy.alias is not None and not self.policy.allows(observed.aliases(live)):
            return f"The alias `{self.policy.alias}` does not name it any more."
        return "Opted out in MLflow."

    def _unfinished(self, observed: ObservedModel) -> Iterator[Change]:
        for deployment in observed.state.deployments:
            if (
                not deployment.status.in_progress
                or observed.now - deployment.updated_at < STUCK_AFTER
            ):
                continue
            if deployment.execution_arn and observed.is_running(deployment.execution_arn):
                continue
            if deployment.run >= MAX_RUNS:
                yield MarkFailed(deployment=deployment)
            else:
                yield Restart(deployment=deployment)

    def _leftovers(self, observed: ObservedModel) -> Iterator[Change]:
        for deployment in observed.state.deployments:
            ended = deployment.status in {Status.STOPPED, Status.FAILED}
            # What was asked for before the removal can appear after it.
            gone = (
                deployment.endpoint.removed and deployment.endpoint.name not in observed.endpoints
            )
            left = not (gone or deployment.endpoint.handed_to)
            if ended and left and observed.now - deployment.updated_at >= self.retire_after:
                yield DeleteResources(deployment=deployment)

    def settled(self, observed: ObservedModel) -> Iterator[Settle]:
        """Yield what lets records expire that nothing depends on any more."""
        for deployment in observed.state.deployments:
            age = observed.now - deployment.updated_at
            old = age >= self.retire_after
            if old and not deployment.expiration and is_settled(deployment, observed.state):
                yield Settle(
                    deployment=deployment, expires_at=deployment.updated_at + self.keep_records
                )


def _of_unknown_model(observed: ObservedModel) -> DesiredDeployment | None:
    """Return the desired deployment of a model that the registry does not know and never has: none
    of its deployments was ever validated, and none is on its way to be. None for any other."""
    deployments = observed.state.deployments
    never_known = not any(each.registered_at or each.status.in_progress for each in deployments)
    return observed.state.desired if observed.model is None and never_known else None


def _undo_desired(
    observed: ObservedModel, may_serve: Sequence[ListedVersion]
) -> Iterator[SetDesired]:
    """Undo the desired deployment when it may not serve."""
    desired, deployment = observed.state.desired, observed.desired_deployment
    if desired is None or desired.deployment_id is None:
        return
    if deployment is None or not _is_one_of(deployment, may_serve):
        yield SetDesired(desired=nothing_desired(desired), expected=desired)


def _undeployed_for_good(observed: ObservedModel) -> Iterator[SetDesired]:
    """Undeploy as an operator does, which the registry's earlier requests do not undo.

    A workflow that ends meanwhile reconciles its model, and would deploy it again otherwise.
    """
    desired = observed.state.desired
    if desired and (desired.deployment_id or desired.origin is RequestedBy.REGISTRY):
        undeployed = replace(
            nothing_desired(desired),
            origin=RequestedBy.OPERATOR,
            requested_at=max(observed.now, desired.requested_at),
        )
        yield SetDesired(desired=undeployed, expected=desired)


def _is_one_of(deployment: Deployment, versions: Sequence[ListedVersion]) -> bool:
    return any(is_deployment_of(deployment, each) for each in versions)


def _why(earlier: Deployment | None) -> str:
    if earlier is None:
        return "it had not been heard of"
    match earlier.status:
        case Status.DEPLOYED:
            return "its endpoint is gone or has failed"
        case Status.FAILED:
            return "it failed for a cause that may have passed"
    return "it is requested again"
