"""Port: where deployments are kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from functions.common.deployments.agreement import ComparedCandidate
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment
from functions.common.deployments.unreadable import UnreadableRecord
from functions.common.errors import ServiceUnavailableError


class DeploymentChangedError(Exception):
    """Somebody else moved the deployment's status; read it again and decide anew."""


class StoreBusyError(ServiceUnavailableError):
    """The store is throttled, or others keep changing the same records; it passes."""


class RecordTooLargeError(Exception):
    """The record is larger than the store keeps; the same write fails again."""


class SupersededError(Exception):
    """The deployment is not its model's desired (any more); it must not go live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """Everything that is kept of one model.

    Attributes:
        deployments: Every one, the newest request first.
        live_id: The one that serves; None when nothing does.
        desired: What it is meant to serve; None when nobody has ever said so.
        unreadable: Items that cannot be read. The others are as they are; nothing may be concluded
            from what is not among them.
    """

    model_id: str
    deployments: tuple[Deployment, ...]
    live_id: str | None
    desired: DesiredDeployment | None
    unreadable: tuple[UnreadableRecord, ...] = ()

    @property
    def live(self) -> Deployment | None:
        return self.deployment(self.live_id)

    def deployment(self, id_: str | None) -> Deployment | None:
        """The deployment with this id; None when there is none."""
        return next((each for each in self.deployments if each.id == id_), None)


class DeploymentStore(Protocol):
    """Deployments by model, which of them is live, and which of them is meant to be.

    Methods that return one record raise UnreadableRecordError for one that cannot be read;
    `state` and `states` name it.

    Every method may raise StoreBusyError, and those that write a record RecordTooLargeError.
    """

    def add(self, deployment: Deployment) -> bool:
        """Keep a new deployment; False, and nothing written, when its id is already there."""
        ...

    def get(self, model_id: str, deployment_id: str) -> Deployment | None:
        """The deployment, read consistently; None when there is none."""
        ...

    def live(self, model_id: str) -> Deployment | None:
        """The deployment that serves *model_id*, complete; None when nothing does."""
        ...

    def desired(self, model_id: str) -> DesiredDeployment | None:
        """Return the desired deployment, read consistently; None when nobody has set one."""
        ...

    def set_desired(
        self, desired: DesiredDeployment, *, expected: DesiredDeployment | None
    ) -> bool:
        """Make *desired* its model's one; False, and nothing written, unless *expected* still is.

        None stands for a model without a desired.
        """
        ...

    def delete_desired(self, expected: DesiredDeployment) -> bool:
        """Take the model off the list of those that were ever requested; its deployments stay.

        False, and nothing deleted, unless *expected* still is the desired one.
        """
        ...

    def with_desired(
        self, model_id: str, deployment_id: str
    ) -> tuple[Deployment | None, DesiredDeployment | None]:
        """Return the deployment and its model's desired one, read in one request, consistently."""
        ...

    def state(self, model_id: str) -> ModelState:
        """Everything that is kept of *model_id*, read consistently."""
        ...

    def states(self) -> Iterator[ModelState]:
        """Everything that is kept of every model."""
        ...

    def overview(self) -> Iterator[ModelState]:
        """Return every model with its deployments that are not settled, without their contracts
        and secrets, a moment old. Records from before there was an index are missing."""
        ...

    def model_of(self, deployment_id: str) -> str | None:
        """Return the model of a deployment, settled or not; None when there is no such record.

        A record may be missing for a moment after it was added.
        """
        ...

    def update(self, deployment: Deployment, changed: Deployment) -> Deployment:
        """Write the fields of *changed* that differ, and `updated_at`; return what was written.

        Raises: DeploymentChangedError (its status is no longer `deployment.status`).
        """
        ...

    def activate(self, deployment: Deployment) -> Deployment:
        """Make *deployment* the live one, in one transaction with both deployments' statuses.

        The one that was live, if any, becomes `stopped` and is named by `replaced_id` of what is
        returned. Activating what is live already changes nothing and returns the same.

        Raises: SupersededError (it is not the desired), DeploymentChangedError (not `deploying`).
        """
        ...

    def take_back(
        self, live: Deployment, earlier: Deployment, *, reason: str, earlier_reason: str
    ) -> Deployment:
        """Make *earlier*, which *live* had replaced, the live one again, in one transaction.

        *live* becomes `failed` for *reason* and is returned so. *earlier* becomes `deployed`, with
        *earlier_reason*. The desired deployment stays what it is.

        Raises: DeploymentChangedError (*live* is not live, or *earlier* has no endpoint of its own
            any more: it was handed over or is being removed).
        """
        ...

    def undeploy(self, deployment: Deployment, *, reason: str) -> Deployment:
        """Let nothing serve: *deployment*, the live one, becomes `stopped` with *reason*.

        Raises: DeploymentChangedError (it is not live, or it is its model's desired).
        """
        ...

    def move_live(
        self,
        live: Deployment,
        to: Deployment,
        *,
        left: DesiredDeployment | None,
        expected: DesiredDeployment | None,
    ) -> bool:
        """Make *to*, a new deployment of another model, live with the endpoint of *live*.

        In one transaction: *live* becomes `stopped`, and its model serves nothing. *to* becomes
        its model's desired deployment unless another one is. False, and nothing written, when
        somebody else was faster.

        Arguments:
            left: The desired deployment of the model of *live*, as it was read.
            expected: That of the model of *to*, as it was read.
        """
        ...

    def name_candidate(self, live: Deployment, candidate: ComparedCandidate) -> bool:
        """Note on the live deployment to what its calls are also sent; an empty one: to nothing.

        False, and nothing written, when *live* is not the live one any more. The next activation
        takes the note away.
        """
        ...

    def transfer_endpoint(self, earlier: Deployment, to: Deployment) -> Deployment | None:
        """Give *earlier*'s endpoint to the deployment *to*, which is returned with it.

        None, and nothing written, when somebody else was faster: *earlier* serves, was handed
        over or is being removed, or *to* has moved on.
        """
        ...

    def begin_removal(self, deployment: Deployment, *, again: bool = False) -> bool:
        """Note that its endpoint is being deleted, and since when; False when it belongs to another
        deployment, or the deployment serves (again).

        True again when it was begun before, of which the time stays, unless *again*: the endpoint
        still stands, so that it is deleted once more.
        """
        ...
