"""`DeploymentStore` in the DynamoDB table `deployed_models`.

Partition key `model_id`, sort key `id`: one item per deployment under its UUID, one item `live`
per model, a whole copy of the serving deployment with its id in `deployment_id`, so that a
prediction costs one GetItem, and one item `target` per model, the desired deployment.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from functions.common.deployments import dynamodb_writes as writes
from functions.common.deployments import transitions
from functions.common.deployments.agreement import ComparedCandidate
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.dynamodb_reads import DynamoDeploymentReads
from functions.common.deployments.dynamodb_requests import DynamoWriter
from functions.common.deployments.items import LIVE
from functions.common.deployments.record import Deployment, Status, utc_now
from functions.common.deployments.store import DeploymentChangedError, SupersededError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

_ACTIVATION_ATTEMPTS = 3


class DynamoDeploymentStore(DynamoDeploymentReads):
    """See `DeploymentStore`; errors of DynamoDB itself pass through as botocore's."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(client, table_name)
        self._writer = DynamoWriter(client, table_name)
        self._now = now

    def add(self, deployment: Deployment) -> bool:
        return self._writer.put(writes.put_new(deployment))

    def set_desired(
        self, desired: DesiredDeployment, *, expected: DesiredDeployment | None
    ) -> bool:
        return self._writer.put(writes.put_desired(desired, expected=expected))

    def delete_desired(self, expected: DesiredDeployment) -> bool:
        return self._writer.delete(writes.delete_desired(expected))

    def update(self, deployment: Deployment, changed: Deployment) -> Deployment:
        stamped = self._stamped(changed)
        if not self._writer.update(writes.update(deployment, stamped)):
            raise DeploymentChangedError(str(deployment))
        return stamped

    def activate(self, deployment: Deployment) -> Deployment:
        for _ in range(_ACTIVATION_ATTEMPTS):
            serving, desired = self.with_desired(deployment.model_id, LIVE)
            if serving and serving.id == deployment.id:
                return serving
            if desired is None or desired.deployment_id != deployment.id:
                raise SupersededError(str(desired))
            if activated := self._replace(serving, deployment):
                return activated
        raise DeploymentChangedError(str(deployment))

    def take_back(
        self, live: Deployment, earlier: Deployment, *, reason: str, earlier_reason: str
    ) -> Deployment:
        now = self._now()
        failed = self._stamped(transitions.taken_back(live, reason=reason, at=now))
        again = self._stamped(
            transitions.serving_again(earlier, after=live, reason=earlier_reason, at=now)
        )
        done = self._writer.transact(
            ("Put", writes.put_live(again, replacing=live)),
            ("Update", writes.update(live, failed, expected=Status.DEPLOYED)),
            ("Update", writes.serve_again(earlier, again)),
        )
        if not done:
            raise DeploymentChangedError(str(live))
        return failed

    def undeploy(self, deployment: Deployment, *, reason: str) -> Deployment:
        stopped = self._stamped(transitions.stopped(deployment, reason=reason))
        done = self._writer.transact(
            ("Delete", writes.delete_live(deployment)),
            ("Update", writes.stop(deployment, stopped)),
            ("ConditionCheck", writes.check_undesired(deployment)),
        )
        if not done:
            raise DeploymentChangedError(str(deployment))
        return stopped

    def move_live(
        self,
        live: Deployment,
        to: Deployment,
        *,
        left: DesiredDeployment | None,
        expected: DesiredDeployment | None,
    ) -> bool:
        moved = self._stamped(to)
        parts = [
            ("Put", writes.put_new(moved)),
            ("Put", writes.put_live(moved, replacing=None)),
            ("Delete", writes.delete_live(live)),
            ("Update", writes.stop(live, self._stamped(transitions.renamed(live, to=moved)))),
        ]
        if expected is None or expected.deployment_id is None:
            desired = transitions.desired_after_move(moved, left)
            parts.append(("Put", writes.put_desired(desired, expected=expected)))
        if left and left.deployment_id == live.id:
            nothing = transitions.nothing_desired(left)
            parts.append(("Put", writes.put_desired(nothing, expected=left)))
        return self._writer.transact(*parts)

    def name_candidate(self, live: Deployment, candidate: ComparedCandidate) -> bool:
        return self._writer.update(writes.name_candidate(live, candidate))

    def transfer_endpoint(self, earlier: Deployment, to: Deployment) -> Deployment | None:
        given = self._stamped(transitions.endpoint_given(earlier, to))
        received = self._stamped(transitions.endpoint_received(to, earlier))
        done = self._writer.transact(
            ("Update", writes.hand_endpoint(earlier, given)),
            ("Update", writes.update(to, received)),
        )
        return received if done else None

    def begin_removal(self, deployment: Deployment, *, again: bool = False) -> bool:
        write = writes.begin_removal(deployment, at=self._now(), again=again)
        return self._writer.update(write)

    def _replace(self, serving: Deployment | None, deployment: Deployment) -> Deployment | None:
        """Activate *deployment* in place of *serving*; None when somebody else wrote in between."""
        activated = self._stamped(
            transitions.activated(deployment, replacing=serving, at=self._now())
        )
        parts = [
            ("Put", writes.put_live(activated, replacing=serving)),
            ("Update", writes.update(deployment, activated)),
            ("ConditionCheck", writes.check_desired(deployment)),
        ]
        if serving:
            replaced = self._stamped(transitions.replaced(serving, by=deployment))
            parts.append(("Update", writes.stop(serving, replaced)))
        return activated if self._writer.transact(*parts) else None

    def _stamped(self, changed: Deployment) -> Deployment:
        return replace(changed, updated_at=self._now())
