"""In-memory `DeploymentStore`; tests/contract runs the same tests on DynamoDB."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.common.deployments import transitions
from functions.common.deployments.agreement import ComparedCandidate
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.history_index import size_with_entry
from functions.common.deployments.item_size import MAX_ITEM_BYTES
from functions.common.deployments.items import deployment_item, deployment_of
from functions.common.deployments.record import Deployment, Status, newest_first, utc_now
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
    ModelState,
    RecordTooLargeError,
    SupersededError,
)
from functions.common.deployments.unreadable import UnreadableRecord
from functions.common.errors import UnreadableRecordError


class FakeDeploymentStore:
    """Deployments by id in `deployments`; `live_ids` and `desired_deployments` by model;
    `candidates` by the id of the live deployment.

    Of the deployments given at creation, deployed ones are live, and the newest one of every
    model is its desired one. The ids in `unreadable` are of records that cannot be read.
    """

    def __init__(
        self,
        *deployments: Deployment,
        error: Exception | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.deployments = {deployment.id: deployment for deployment in deployments}
        self.live_ids = {
            deployment.model_id: deployment.id
            for deployment in deployments
            if deployment.status is Status.DEPLOYED
        }
        self.desired_deployments = {
            deployment.model_id: DesiredDeployment.of(deployment)
            for deployment in reversed(newest_first(deployments))
        }
        self.candidates: dict[str, ComparedCandidate] = {}
        self.error = error
        self.unreadable: set[str] = set()
        self._now = now

    def add(self, deployment: Deployment) -> bool:
        self._fail()
        if deployment.id in self.deployments:
            return False
        _check_size(deployment)
        self.deployments[deployment.id] = deployment
        return True

    def get(self, model_id: str, deployment_id: str) -> Deployment | None:
        self._fail()
        found = self.deployments.get(deployment_id)
        if found is None or found.model_id != model_id:
            return None
        if deployment_id in self.unreadable:
            raise UnreadableRecordError("A record of this model cannot be read.")
        return found

    def live(self, model_id: str) -> Deployment | None:
        live = self.get(model_id, self.live_ids.get(model_id, ""))
        return live and replace(live, candidate=self.candidates.get(live.id, ComparedCandidate()))

    def desired(self, model_id: str) -> DesiredDeployment | None:
        self._fail()
        return self.desired_deployments.get(model_id)

    def set_desired(
        self, desired: DesiredDeployment, *, expected: DesiredDeployment | None
    ) -> bool:
        self._fail()
        if not self._stands(desired.model_id, expected):
            return False
        self.desired_deployments[desired.model_id] = desired
        return True

    def delete_desired(self, expected: DesiredDeployment) -> bool:
        self._fail()
        if _identity(self.desired_deployments.get(expected.model_id)) != _identity(expected):
            return False
        del self.desired_deployments[expected.model_id]
        return True

    def with_desired(
        self, model_id: str, deployment_id: str
    ) -> tuple[Deployment | None, DesiredDeployment | None]:
        return self.get(model_id, deployment_id), self.desired(model_id)

    def state(self, model_id: str) -> ModelState:
        self._fail()
        found = [each for each in self.deployments.values() if each.model_id == model_id]
        return ModelState(
            model_id=model_id,
            deployments=newest_first(each for each in found if each.id not in self.unreadable),
            live_id=self.live_ids.get(model_id),
            desired=self.desired_deployments.get(model_id),
            unreadable=tuple(
                UnreadableRecord(each.id, each.endpoint.name)
                for each in found
                if each.id in self.unreadable
            ),
        )

    def states(self) -> Iterator[ModelState]:
        models = {
            each.model_id for each in self.deployments.values()
        } | self.desired_deployments.keys()
        for model_id in sorted(models):
            yield self.state(model_id)

    def overview(self) -> Iterator[ModelState]:
        for state in self.states():
            unsettled = tuple(each for each in state.deployments if not each.expiration)
            if unsettled or state.desired:
                yield replace(state, deployments=unsettled)

    def model_of(self, deployment_id: str) -> str | None:
        found = self.deployments.get(deployment_id)
        return found.model_id if found else None

    def update(self, deployment: Deployment, changed: Deployment) -> Deployment:
        self._fail()
        stored = self.deployments.get(deployment.id)
        if stored is None or stored.status != deployment.status:
            raise DeploymentChangedError(str(deployment))
        stamped = replace(changed, updated_at=self._now())
        _check_size(stamped)
        self.deployments[deployment.id] = _merged(stored, deployment, stamped)
        return stamped

    def activate(self, deployment: Deployment) -> Deployment:
        serving = self.live(deployment.model_id)
        if serving and serving.id == deployment.id:
            return serving
        desired = self.desired_deployments.get(deployment.model_id)
        if desired is None or desired.deployment_id != deployment.id:
            raise SupersededError(str(desired))
        activated = self.update(
            deployment, transitions.activated(deployment, replacing=serving, at=self._now())
        )
        if serving:
            self.update(serving, transitions.replaced(serving, by=deployment))
        self.live_ids[deployment.model_id] = deployment.id
        return activated

    def move_live(
        self,
        live: Deployment,
        to: Deployment,
        *,
        left: DesiredDeployment | None,
        expected: DesiredDeployment | None,
    ) -> bool:
        self._fail()
        is_taken = to.id in self.deployments or to.model_id in self.live_ids
        if self.live_ids.get(live.model_id) != live.id or is_taken:
            return False
        changed = []
        if expected is None or expected.deployment_id is None:
            changed.append((transitions.desired_after_move(to, left), expected))
        if left and left.deployment_id == live.id:
            changed.append((transitions.nothing_desired(left), left))
        if not all(self._stands(each.model_id, standing) for each, standing in changed):
            return False
        for each, _ in changed:
            self.desired_deployments[each.model_id] = each
        self.deployments[to.id] = replace(to, updated_at=self._now())
        self.live_ids[to.model_id] = to.id
        del self.live_ids[live.model_id]
        stored = self.deployments[live.id]
        self.update(stored, transitions.renamed(stored, to=to))
        return True

    def undeploy(self, deployment: Deployment, *, reason: str) -> Deployment:
        self._fail()
        desired = self.desired_deployments.get(deployment.model_id)
        requested = desired is not None and desired.deployment_id == deployment.id
        if requested or self.live_ids.get(deployment.model_id) != deployment.id:
            raise DeploymentChangedError(str(deployment))
        del self.live_ids[deployment.model_id]
        stored = self.deployments[deployment.id]
        return self.update(stored, transitions.stopped(stored, reason=reason))

    def name_candidate(self, live: Deployment, candidate: ComparedCandidate) -> bool:
        self._fail()
        if self.live_ids.get(live.model_id) != live.id:
            return False
        self.candidates[live.id] = candidate
        return True

    def take_back(
        self, live: Deployment, earlier: Deployment, *, reason: str, earlier_reason: str
    ) -> Deployment:
        self._fail()
        stored, standing = self.deployments[live.id], self.deployments[earlier.id]
        kept = not standing.endpoint.handed_to and not standing.endpoint.removing
        is_live = self.live_ids.get(live.model_id) == live.id
        if not (is_live and kept and standing.status is Status.STOPPED):
            raise DeploymentChangedError(str(live))
        now = self._now()
        again = transitions.serving_again(standing, after=live, reason=earlier_reason, at=now)
        self.update(standing, again)
        self.live_ids[live.model_id] = earlier.id
        return self.update(stored, transitions.taken_back(stored, reason=reason, at=now))

    def transfer_endpoint(self, earlier: Deployment, to: Deployment) -> Deployment | None:
        self._fail()
        giving, taking = self.deployments[earlier.id], self.deployments[to.id]
        kept = not giving.endpoint.handed_to and not giving.endpoint.removing
        if giving.status is not Status.STOPPED or not kept or taking.status != to.status:
            return None
        self.update(giving, transitions.endpoint_given(giving, to))
        return self.update(to, transitions.endpoint_received(to, earlier))

    def begin_removal(self, deployment: Deployment, *, again: bool = False) -> bool:
        self._fail()
        stored = self.deployments.get(deployment.id)
        if stored is None or stored.endpoint.handed_to or stored.status is Status.DEPLOYED:
            return False
        begun = None if again else stored.endpoint.removing_at
        at = begun or self._now()
        removing = replace(stored.endpoint, removing=True, removing_at=at)
        self.deployments[deployment.id] = replace(stored, endpoint=removing)
        return True

    def _stands(self, model_id: str, expected: DesiredDeployment | None) -> bool:
        return _identity(self.desired_deployments.get(model_id)) == _identity(expected)

    def _fail(self) -> None:
        if self.error:
            raise self.error.with_traceback(None)


class CountingStore:
    """A store that counts the calls of each method, in `calls`."""

    def __init__(self, store: DeploymentStore) -> None:
        self._store = store
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        if name in vars(DeploymentStore):
            self.calls[name] += 1
        return getattr(self._store, name)


def _check_size(deployment: Deployment) -> None:
    if size_with_entry(deployment_item(deployment)) > MAX_ITEM_BYTES:
        raise RecordTooLargeError(str(deployment))


def _identity(desired: DesiredDeployment | None) -> tuple[datetime, str | None] | None:
    return None if desired is None else (desired.requested_at, desired.deployment_id)


def _merged(stored: Deployment, before: Deployment, after: Deployment) -> Deployment:
    """Return *stored* with the differences between *before* and *after*."""
    items = (deployment_item(each) for each in (stored, before, after))
    kept, old, new = items
    differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    merged = {name: value for name, value in kept.items() if name not in differing}
    return deployment_of(merged | {name: new[name] for name in differing & new.keys()})
