"""Changes that a reconciliation can make, each with its detail for the log."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment
from functions.common.deployments.requests import DeployRequest
from functions.common.deployments.store import ModelState


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """Give a version that is requested a deployment.

    Attributes:
        asked: An operator's request that goes on, whatever version is deployed for the time being.
    """

    name: ClassVar[str] = "Deploy"

    request: DeployRequest
    expected: DesiredDeployment | None
    asked: DesiredDeployment | None = None
    why: str

    @property
    def detail(self) -> str:
        return f"version {self.request.model_version}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDesired:
    """Set the desired deployment, which may be none at all."""

    name: ClassVar[str] = "Retarget"

    desired: DesiredDeployment
    expected: DesiredDeployment | None

    @property
    def detail(self) -> str:
        if self.desired.deployment_id is None:
            return "nothing is requested any more"
        return f"version {self.desired.model_version} is requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Take a model off the list that the registry has never had."""

    name: ClassVar[str] = "Forget"

    expected: DesiredDeployment

    @property
    def detail(self) -> str:
        return "MLflow has never had a model of this name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """Let a model that serves go on under the name that it has in the registry now.

    Attributes:
        live: The live deployment, under the name before.
        to: The one that takes over its endpoint.
        left, expected: The desired deployments under the name before, and under the new one.
    """

    name: ClassVar[str] = "Rename"

    live: Deployment
    to: Deployment
    left: DesiredDeployment | None
    expected: DesiredDeployment | None

    @property
    def detail(self) -> str:
        return f"version {self.to.model_version}: its model was named {self.live.model_id}"

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The names concerned, the new one last."""
        return (self.live.model_id, self.to.model_id)

    def is_done(self, state: ModelState) -> bool:
        """Return whether *state*, that of the new name, shows the change."""
        return state.live_id == self.to.id


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepUndeployed:
    """Let a model that an operator has undeployed stay so under its new name."""

    name: ClassVar[str] = "KeepUndeployed"

    desired: DesiredDeployment

    @property
    def detail(self) -> str:
        return "an operator undeployed it under the name before"

    @property
    def model_ids(self) -> tuple[str, ...]:
        return (self.desired.model_id,)

    def is_done(self, state: ModelState) -> bool:
        """Return whether *state* shows the change."""
        return state.desired is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeploy:
    """Let a deployment stop serving that the registry does not request any more."""

    name: ClassVar[str] = "Withdraw"

    deployment: Deployment
    why: str

    @property
    def detail(self) -> str:
        return f"version {self.deployment.model_version}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Give a deployment that nothing works on another execution."""

    name: ClassVar[str] = "Restart"

    deployment: Deployment

    @property
    def detail(self) -> str:
        return f"version {self.deployment.model_version}: nothing was working on it"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkFailed:
    """End a deployment whose executions all die."""

    name: ClassVar[str] = "GiveUp"

    deployment: Deployment

    @property
    def detail(self) -> str:
        version, runs = self.deployment.model_version, self.deployment.run
        return f"version {version}: none of {runs} executions came to an end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Start the endpoint again that somebody has paused."""

    name: ClassVar[str] = "Resume"

    deployment: Deployment

    @property
    def detail(self) -> str:
        return f"version {self.deployment.model_version}: its endpoint was paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class StopIdle:
    """Put an endpoint to sleep, or pause it, that nobody uses, since the budget is used up."""

    name: ClassVar[str] = "StopIdle"

    deployment: Deployment
    pause: bool

    @property
    def detail(self) -> str:
        how = "paused" if self.pause else "put to sleep"
        version = self.deployment.model_version
        return f"version {version}: nobody uses it, and the budget is used up: {how}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteResources:
    """Delete what a deployment that has ended still has at the provider."""

    name: ClassVar[str] = "Remove"

    deployment: Deployment

    @property
    def detail(self) -> str:
        version, status = self.deployment.model_version, self.deployment.status.value
        return f"version {version}: its {status} deployment still had files or an endpoint"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteEndpoint:
    """Delete an endpoint of ours that no deployment has ever heard of."""

    name: ClassVar[str] = "DeleteEndpoint"

    endpoint_name: str

    @property
    def detail(self) -> str:
        return f"endpoint {self.endpoint_name}: no deployment names it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """Let the record of an ended deployment expire, since nothing depends on it any more."""

    name: ClassVar[str] = "Settle"

    deployment: Deployment
    expires_at: datetime

    @property
    def detail(self) -> str:
        version = self.deployment.model_version
        return f"version {version}: its {self.deployment.status.value} deployment is history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """Write records again that are older than the index which the reconciler reads."""

    name: ClassVar[str] = "Index"

    deployments: tuple[Deployment, ...]
    desired: DesiredDeployment | None

    @property
    def detail(self) -> str:
        return f"{len(self.deployments)} deployments were not in the index"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTags:
    """Put the registry's tags right."""

    name: ClassVar[str] = "Tell"

    version: str
    tags: dict[str, str | None]

    @property
    def detail(self) -> str:
        return f"version {self.version}: {', '.join(sorted(self.tags))}"


type Change = (
    Deploy
    | SetDesired
    | Forget
    | Rename
    | KeepUndeployed
    | Undeploy
    | Restart
    | MarkFailed
    | Resume
    | StopIdle
    | DeleteResources
    | DeleteEndpoint
    | Settle
    | Index
    | UpdateTags
)
