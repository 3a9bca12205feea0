"""The record of one deployment: a version of a model being brought up, or that was up.

Status moves `pending` → `deploying` → `deployed` → `stopped`; `failed` and `stopped` can follow
`pending` and `deploying` too, always with a reason that a person can act on. A version that is
taken back moves from `deployed` to `failed`, and the one before it from `stopped` to `deployed`.

Records are immutable. `dataclasses.replace` makes a changed one, from fields that exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta

from functions.common.deployments.agreement import (
    AgreementRecord,
    AgreementResult,
    ComparedCandidate,
)


def utc_now() -> datetime:
    """Return the present time."""
    return datetime.now(UTC)


def utc_text(moment: datetime) -> str:
    """*moment* in UTC with exactly six fractional digits, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, Meta(tz=True)]


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


HUB_RUNTIME = "hub"
"""Runtime of a model's own Hub source: the provider's code, without files of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A difference between the signatures of two versions.

    Attributes:
        text: A sentence.
        breaking: Requests that were right may fail, or answers be other than callers expect.
        place: The column, param, output or form of a body; empty where it is none of these.
    """

    text: str
    breaking: bool
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a version changes for the callers of the one that was live.

    Attributes:
        version: The version that was live.
        changes: Breaking ones first; at most as many as the record has room for.
    """

    version: str
    changes: tuple[Change, ...] = ()


ACTIVATED = "activated"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One finished step of a deployment, as people see it.

    Attributes:
        compared: Of the step `validate`: the comparison with the version that was live then. It is
            here because the index that lists a model's deployments holds their timelines, and
            cannot be given another attribute. None where nothing was live.
        agreement: Of the step `agree`: how far its answers are those of the live version; None
            where none was compared.
    """

    step: str
    time: Moment
    outcome: str
    compared: Comparison | None = None
    agreement: AgreementResult | None = None

    @property
    def is_activation(self) -> bool:
        """Return whether the deployment went live by it. Attempts that broke off or came too late
        are entries of the same step."""
        return self.step == "activate" and self.outcome == ACTIVATED

    @property
    def begins_to_serve(self) -> bool:
        """Return whether the deployment serves from then on."""
        return self.is_activation or self.step == "rename"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRecord:
    """The endpoint of a deployment, as it was created.

    Attributes:
        name: Also the name of its repository; nothing else uses either.
        secret: Secret that our runtime on the endpoint requires; never shown.
        instance_type, instance_size, min_replicas, max_replicas, scale_to_zero_after_min: What it
            was asked to run on, see `Hardware`; None until the version was validated.
        hourly_cost_usd: All replicas, while running; None when unknown.
        usual_start_s: Seconds that the model's previous endpoint took to start; None when unknown.
        adopted_from: The deployment that it was created for, when that is another one.
        handed_to: The deployment that reuses it.
        removing: It is being deleted and cannot be reused.
        removing_at: When that was asked for, the last time while it stood.
        removed: It is deleted, and so is its repository.
    """

    name: str | None = None
    url: str | None = None
    secret: str | None = field(default=None, repr=False)
    instance_type: str | None = None
    instance_size: str | None = None
    min_replicas: int | None = None
    max_replicas: int | None = None
    scale_to_zero_after_min: int | None = None
    hourly_cost_usd: float | None = None
    usual_start_s: int | None = None
    adopted_from: str | None = None
    handed_to: str | None = None
    removing: bool = False
    removing_at: Moment | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecord:
    """The files that an endpoint serves.

    Attributes:
        runtime: The provider's name for what runs the model, e.g. `container`, or `HUB_RUNTIME`;
            None until the version was validated. It stays, whatever the settings become.
        python: Minor version of the endpoint's Python, e.g. `3.12`; None for a Hub source.
        revision: Commit SHA of the repository.
        digest: Digest that our runtime must report; None for a Hub source.
        task: The provider's name for what a Hub source does, e.g. `text-classification`.
        answer_fingerprint: Of the verified answer to the input example (`Fingerprint.text`); None
            before, without an example, and where the answers vary.
        answers_vary: Verification got answers to the same example that disagree, or a tag of the
            version says that they may.
    """

    runtime: str | None = None
    python: str | None = None
    repository: str | None = None
    revision: str | None = None
    digest: str | None = None
    task: str | None = None
    answer_fingerprint: str | None = None
    answers_vary: bool | None = None

    @property
    def is_deterministic(self) -> bool | None:
        """Return whether the same question has the same answer; None: not known."""
        if self.answers_vary:
            return False
        return None if self.answer_fingerprint is None else True

    @property
    def is_hub_source(self) -> bool:
        """Return whether the model's own Hub source is served, by code that is not ours."""
        return self.runtime == HUB_RUNTIME


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelContract:
    """Input and output of a model.

    Attributes:
        inputs, outputs, params: As in the MLmodel's signature (lists of column or tensor
            specifications); None where the signature has none.
        request_schema: JSON Schema of a whole body for predict, made of inputs and params; None
            when nothing is to be checked: without a signature, or for a model's Hub source.
        answer_schema: JSON Schema of the predictions, made of the outputs; None without them, and
            for a model's Hub source.
        input_example: A ready body for predict, e.g. `{"inputs": …}`; None when there is none or
            it is too large for the record.
    """

    inputs: list[dict[str, Any]] | None = None
    outputs: list[dict[str, Any]] | None = None
    params: list[dict[str, Any]] | None = None
    request_schema: dict[str, Any] | None = None
    answer_schema: dict[str, Any] | None = None
    input_example: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Deployment:
    """One version's deployment.

    Attributes:
        id: UUID, derived from the request (see `identity.deployment_id`).
        model_id: The registered model's name.
        requested_at: The event's own time; the newest request wins.
        origin: Who requested it.
        user_id: The operator who did; None for the registry, and on older records.
        attempt: Number of deployments of this request so far, this one included.
        run: Number of executions of the workflow so far.
        allow_breaking: An operator lets it break callers of the live version; None: nobody does.
        registered_at: When the version was registered; distinguishes it from a version of the same
            number that was registered after its deletion. None until it was validated.
        reason: Why it failed or stopped, or serves again; None otherwise.
        retryable: It failed for a cause that may pass by itself, not for what the model is.
        announced: The status that has been announced by events; None: none yet.
        replaced_id: The deployment that was live before this one; None for a first one.
        expiration: When the record is deleted, in Unix seconds; None until it is settled.
        agreement: The comparison of its answers before it goes live.
        candidate: Of the item `live` alone: what its calls are also sent to.
    """

    id: str
    model_id: str
    model_version: str
    status: Status
    provider: str = "huggingface"
    requested_at: Moment
    origin: RequestedBy = RequestedBy.REGISTRY
    user_id: str | None = None
    attempt: int = 1
    allow_breaking: bool | None = None
    run: int = 1
    registered_at: Moment | None = None
    created_at: Moment
    updated_at: Moment
    execution_arn: str | None = None
    endpoint: EndpointRecord = EndpointRecord()
    package: PackageRecord = PackageRecord()
    contract: ModelContract = ModelContract()
    agreement: AgreementRecord = AgreementRecord()  # noqa: RUF009 - frozen
    candidate: ComparedCandidate = ComparedCandidate()  # noqa: RUF009 - frozen
    reason: str | None = None
    retryable: bool = False
    announced: Status | None = None
    replaced_id: str | None = None
    expiration: int | None = None
    timeline: tuple[TimelineEntry, ...] = ()

    def __repr__(self) -> str:
        return f"Deployment({self.model_id} v{self.model_version} {self.status} {self.id})"

    @property
    def endpoint_deployment_id(self) -> str:
        """Id that the endpoint reports. Differs from `id` when the endpoint was reused."""
        return self.endpoint.adopted_from or self.id

    @property
    def activated_at(self) -> datetime | None:
        """The time at which it went live by its workflow; None where it has not."""
        return next((each.time for each in self.timeline if each.is_activation), None)

    @property
    def was_taken_back(self) -> bool:
        """Return whether it was live and was taken back for the deployment before it."""
        return self.status is Status.FAILED and self.activated_at is not None

    @property
    def compared(self) -> Comparison | None:
        """The comparison with the version that was live before; None where nothing was."""
        return next((each.compared for each in self.timeline if each.compared), None)

    @property
    def agreement_result(self) -> AgreementResult | None:
        """The outcome of the comparison of answers; None where there was none."""
        return next((each.agreement for each in self.timeline if each.agreement), None)

    def timeline_with(
        self,
        step: str,
        outcome: str,
        *,
        at: datetime,
        compared: Comparison | None = None,
        agreement: AgreementResult | None = None,
    ) -> tuple[TimelineEntry, ...]:
        """The timeline with *step*'s outcome; an earlier entry of the same step is replaced."""
        others = (entry for entry in self.timeline if entry.step != step)
        entry = TimelineEntry(
            step=step, time=at, outcome=outcome, compared=compared, agreement=agreement
        )
        return (*others, entry)


def newest_first(deployments: Iterable[Deployment]) -> tuple[Deployment, ...]:
    """Sort by the request's time; of one request's deployments the last attempt comes first."""
    return tuple(
        sorted(
            deployments,
            key=lambda each: (each.requested_at, each.created_at, each.attempt),
            reverse=True,
        )
    )
