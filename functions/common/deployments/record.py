"""The record of one deployment: a version of a model being brought up, or that was up.

Status moves `pending` → `deploying` → `deployed` → `stopped`; `failed` and `stopped` can follow
`pending` and `deploying` too, always with a reason that a person can act on.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer

REQUEST_NAMESPACE = UUID("6f6d1ce2-6f1a-4c7c-9a53-5c1d3f9c7b11")
"""Random, chosen once: ids of deployments are derived from requests within it."""


def utc_text(moment: datetime) -> str:
    """*moment* in UTC with exactly six fractional digits, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


Moment = Annotated[AwareDatetime, PlainSerializer(utc_text, return_type=str, when_used="json")]


class Status(StrEnum):
    """Status of a deployment."""

    PENDING = "pending"
    DEPLOYING = "deploying"
    DEPLOYED = "deployed"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def in_progress(self) -> bool:
        """Return whether a workflow still works on it."""
        return self in {Status.PENDING, Status.DEPLOYING}


class RequestedBy(StrEnum):
    """The side that requested a deployment."""

    REGISTRY = "registry"
    OPERATOR = "operator"


class ModelSource(StrEnum):
    """Source of what an endpoint serves: files packaged by us, or the model's own Hub source."""

    PACKAGED = "handler"
    HUB = "hub"


class TimelineEntry(BaseModel):
    """One finished step of a deployment, as people see it."""

    model_config = ConfigDict(frozen=True)

    step: str
    time: Moment
    outcome: str


class Deployment(BaseModel):
    """One version's deployment.

    Attributes:
        id: UUID, derived from the request (see `deployment_id`).
        model_id: The registered model's name.
        requested_at: The event's own time; the newest request wins.
        origin: Who requested it.
        attempt: Number of deployments of this request so far, this one included.
        run: Number of executions of the workflow so far.
        registered_at: When the version was registered; distinguishes it from a version of the same
            number that was registered after its deletion. None until it was validated.
        endpoint_name: Also the name of its repository; nothing else uses either.
        endpoint_secret: Secret that our handler on the endpoint requires; never shown.
        adopted_from: The deployment whose endpoint it reuses.
        handed_to: The deployment that reuses its endpoint.
        removing: Its endpoint is being deleted and cannot be reused.
        removed: Its endpoint and its repository are deleted.
        revision: Commit SHA of the repository that the endpoint was asked to serve.
        package_digest: Digest that our handler must report; None for a Hub source.
        task: The provider's name for what a Hub source does, e.g. `text-classification`.
        input_schema, output_schema, params_schema: As in the MLmodel's signature (lists of column
            or tensor specifications); None where the signature has none.
        request_schema: JSON Schema of a whole body for predict, made of the two that concern it;
            None when nothing is to be checked: without a signature, or for a model's Hub source.
        answer_schema: JSON Schema of the predictions, made of the signature's outputs; None without
            them, and for a model's Hub source.
        input_example: A ready body for predict, e.g. `{"inputs": …}`; None when there is none or
            it is too large for the record.
        reason: Why it failed or stopped; None otherwise.
        retryable: It failed for a cause that may pass by itself, not for what the model is.
        replaced_id: The deployment that was live before this one; None for a first one.
        hourly_cost_usd: All replicas, while running; None when unknown.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", protected_namespaces=())

    id: str
    model_id: str
    model_version: str
    status: Status
    provider: str = "huggingface"
    requested_at: Moment
    origin: RequestedBy = RequestedBy.REGISTRY
    attempt: int = 1
    run: int = 1
    registered_at: Moment | None = None
    created_at: Moment
    updated_at: Moment
    execution_arn: str | None = None
    endpoint_name: str | None = None
    endpoint_url: str | None = None
    endpoint_secret: str | None = None
    adopted_from: str | None = None
    handed_to: str | None = None
    removing: bool = False
    removed: bool = False
    runtime: ModelSource = ModelSource.PACKAGED
    repository: str | None = None
    revision: str | None = None
    package_digest: str | None = None
    task: str | None = None
    instance_type: str | None = None
    instance_size: str | None = None
    hourly_cost_usd: float | None = None
    input_schema: list[dict[str, Any]] | None = None
    output_schema: list[dict[str, Any]] | None = None
    params_schema: list[dict[str, Any]] | None = None
    request_schema: dict[str, Any] | None = None
    answer_schema: dict[str, Any] | None = None
    input_example: dict[str, Any] | None = None
    reason: str | None = None
    retryable: bool = False
    replaced_id: str | None = None
    timeline: tuple[TimelineEntry, ...] = ()

    def __repr__(self) -> str:
        """Return a text without the secret, for logs and assertion messages."""
        return f"Deployment({self.model_id} v{self.model_version} {self.status} {self.id})"

    __str__ = __repr__

    @property
    def endpoint_deployment_id(self) -> str:
        """Id that the endpoint reports. Differs from `id` when the endpoint was reused."""
        return self.adopted_from or self.id

    def timeline_with(self, step: str, outcome: str, *, at: datetime) -> tuple[TimelineEntry, ...]:
        """The timeline with *step*'s outcome; an earlier entry of the same step is replaced."""
        others: Sequence[TimelineEntry] = [entry for entry in self.timeline if entry.step != step]
        return (*others, TimelineEntry(step=step, time=at, outcome=outcome))


ENDPOINT_FIELDS = (
    "endpoint_name",
    "endpoint_url",
    "endpoint_secret",
    "runtime",
    "repository",
    "revision",
    "package_digest",
    "task",
    "instance_type",
    "instance_size",
    "hourly_cost_usd",
)
"""Fields that describe the endpoint, and move with it when it is reused."""


def newest_first(deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Sort by the request's time; of one request's deployments the last attempt comes first."""
    return tuple(
        sorted(
            deployments,
            key=lambda each: (each.requested_at, each.created_at, each.attempt),
            reverse=True,
        )
    )


def deployment_id(
    model_id: str,
    model_version: str,
    requested_at: datetime,
    *,
    attempt: int = 1,
    installation: str = "",
) -> str:
    """Return the id of a request's deployment; the same request gives the same id.

    Installations that receive the same registration share no id, and so no endpoint's name.
    """
    request = f"{model_id}\n{model_version}\n{utc_text(requested_at)}\n{attempt}\n{installation}"
    return str(uuid5(REQUEST_NAMESPACE, request))
