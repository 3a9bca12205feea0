"""Ports to whoever runs the models: a control side that provisions and a data side that predicts.

The control side answers provisioning's questions and raises only what tells it what to do next:

ProviderControlError
├─ EndpointExistsError        the name is taken: describe it and decide
├─ ProviderRefusedError       permanent: the reason is for a person
└─ ProviderUnavailableError   try again later; the work may have been done all the same

The data side raises the errors of `functions.common.errors`, which are the API's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.json_text import parsed
from functions.common.providers.hardware import Hardware
from functions.common.signatures.body import RequestBody


class ProviderControlError(Exception):
    """Base of what the control side raises; the message holds no secret."""


class EndpointExistsError(ProviderControlError):
    """An endpoint of this name exists already, whoever made it."""


class ProviderRefusedError(ProviderControlError):
    """The provider will not do it, however often it is asked; the message says why.

    Attributes:
        may_pass: The cause ends when somebody makes room, pays, or replaces the token.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass

    @property
    def out_of_credits(self) -> bool:
        """Return whether the account cannot pay."""
        return NO_CREDITS in str(self)


NO_CREDITS = "The provider's account has no credits left."
"""In the message of a refusal for want of them, and so in the reason of what failed by it."""


class ProviderUnavailableError(ProviderControlError):
    """Timeout, no connection, 429 or 5xx: try again; the work may have been done all the same."""


class EndpointState(StrEnum):
    """State of an endpoint, in terms common to providers."""

    STARTING = "starting"
    RUNNING = "running"
    ASLEEP = "asleep"
    PAUSED = "paused"
    FAILED = "failed"


class StartFailure(StrEnum):
    """Cause of a failed start, in terms common to providers."""

    NO_MACHINE = "no machine"
    EXITED = "exited"
    KILLED = "killed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """Specification of an endpoint to create.

    Attributes:
        name: Lower-case letters, digits and inner hyphens, at most 32 characters.
        revision: Commit SHA; a branch would not follow its head anyway.
        access: Who may call it, in the provider's words.
        tags: Mark the endpoint as ours and name its deployment.
        runtime, python: As on record, see `PackageRecord`.
        env: What our runtime reads; the provider adds what the machine needs.
        secrets: Environment of the container that the provider does not show again.
        task: What a model's Hub source does, e.g. `text-classification`; None for other runtimes.
    """

    name: str
    repository: str
    revision: str
    hardware: Hardware
    access: str
    tags: tuple[str, ...]
    runtime: str
    python: str | None
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    task: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An endpoint as the provider describes it.

    Attributes:
        url: None until the provider has given it an address.
        message: The provider's own words on its state, e.g. the tail of a failed start's log.
        failure: Why it is `FAILED`; None in any other state.
        created_at: None when the provider does not say.
        updated_at: When somebody last changed, paused or resumed it, not when it fell asleep or
            woke by itself; None when the provider does not say.
        last_used_at: When it was last called; None when the provider does not say.
        replicas: Those that are up, or are to be; None when the provider does not say.
        out_of_credits: The provider has stopped it because the account cannot pay.
        hardware: What it runs on; None when the provider does not say.
        echo: The provider's own description, for `EndpointControl.differences`.
    """

    name: str
    state: EndpointState
    url: str | None
    message: str
    failure: StartFailure | None = None
    repository: str
    revision: str
    tags: tuple[str, ...]
    health_route: str = "/health"
    created_at: datetime | None = None
    updated_at: datetime | None = None
    last_used_at: datetime | None = None
    replicas: int | None = None
    out_of_credits: bool = False
    hardware: Hardware | None = None
    echo: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_billed(self) -> bool:
        """Return whether it costs something: it does while it starts or runs."""
        return self.state in {EndpointState.STARTING, EndpointState.RUNNING}

    @property
    def started_replicas(self) -> int:
        """Replicas while it starts or runs, at least one."""
        least = self.hardware.min_replicas if self.hardware else 1
        return max(1, least, self.replicas or 0)


@dataclass(frozen=True, slots=True)
class Predictions:
    """A model's answer.

    Attributes:
        content: JSON value as the model gave it, or its `JsonText` if it is large; rows in the
            order of the input's rows.
        deployment_id: Which deployment the endpoint says it was made for; None from a model's Hub
            source, which knows nothing of us.
        package_digest: Of the files that it says it serves; None from a model's Hub source.
    """

    content: Any
    deployment_id: str | None
    package_digest: str | None = None

    @property
    def values(self) -> Any:
        """The JSON value."""
        return parsed(self.content)


class EndpointControl(Protocol):
    """Provisions endpoints. Every method may raise ProviderUnavailableError and
    ProviderRefusedError; each call has its own time-out of seconds, never minutes."""

    def create(self, spec: EndpointSpec) -> Endpoint:
        """Start provisioning; returns at once, long before it runs. Raises: EndpointExistsError."""
        ...

    def differences(self, endpoint: Endpoint, spec: EndpointSpec) -> list[str]:
        """Return a phrase for each thing that *endpoint* is or runs otherwise than *spec* asks.

        Secrets are not compared: a provider does not show them. Asks nobody.
        """
        ...

    def describe(self, name: str) -> Endpoint | None:
        """The endpoint as it is now; None when there is none of this name."""
        ...

    def tagged(self, tag: str) -> list[Endpoint]:
        """Every endpoint with this tag, those being deleted perhaps among them."""
        ...

    def resume(self, name: str) -> None:
        """Start a paused endpoint again; returns at once. One that is not paused is fine."""
        ...

    def pause(self, name: str) -> None:
        """Stop an endpoint until `resume`; one that does not run is left as it is, and fine."""
        ...

    def scale_to_zero(self, name: str) -> None:
        """Put an endpoint to sleep until it is called; one that does not run is left as it is, and
        fine."""
        ...

    def delete(self, name: str) -> None:
        """Start deleting; one that is not there is fine. It is gone when `describe` says None."""
        ...

    def delete_repository(self, repository: str) -> None:
        """Delete the files that an endpoint served; none there is fine."""
        ...


class InferenceClient(Protocol):
    """Calls a deployment's endpoint, one attempt per call: who calls knows when to try again."""

    def healthy(self, endpoint: Endpoint) -> bool:
        """Return whether the model's own server answers its health route; False also for silence.

        Raises: ProviderError (its address is not one that our token may be sent to).
        """
        ...

    def invoke(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        request_id: str | None = None,
    ) -> Predictions:
        """Predict with *body*, as a caller of our API sends it; *request_id* goes along.

        It is over by *deadline*, whatever the provider does. An answer is whole, and the
        deployment's own; everything else is one of these, whose `detail` holds nothing of the
        provider's own words but what the model has said of this input:

        - ModelRejectedInputError, ModelFailedError: the endpoint is well, the model says no.
        - ModelWarmingUpError: no replica answers yet; an endpoint that slept is awake soon.
        - ModelNotReadyError: paused or gone, so that no call brings it back.
        - ProviderRateLimitedError: with the provider's own `Retry-After`, if it sent one.
        - ConnectionFailedError: there was no connection, or it ended before the answer began.
        - ProviderTimeoutError: silence, or an answer that was not whole in time.
        - PayloadTooLargeError: the provider takes no body of this size.
        - ProviderDeniedError: our token or secret is refused, also after it was read anew.
        - AnswerTooLargeError: the answer is larger than ours may be.
        - ProviderError: what came is broken off, not a prediction, another deployment's, or a
          status with no meaning for a caller.
        """
        ...
