"""What an endpoint is, and what it needs of the containers behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from standins.huggingface.access import Account
from standins.huggingface.documents import EndpointDocument
from standins.huggingface.start_plans import StartPlan

Clock = Callable[[], int]
"""Unix time in nanoseconds."""
HEALTH_ROUTE = "/health"
"""Where every container of image `huggingface` says whether it is well."""


class State(StrEnum):
    """Values of `status.state`."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    UPDATING = "updating"
    UPDATE_FAILED = "updateFailed"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    SCALED_TO_ZERO = "scaledToZero"


MESSAGES = {
    State.PENDING: "Endpoint waiting to be scheduled",
    State.INITIALIZING: "Endpoint is initializing",
    State.UPDATING: "Endpoint waiting for the update",
    State.UPDATE_FAILED: "Endpoint failed to update",
    State.RUNNING: "Endpoint is ready",
    State.PAUSED: "Endpoint is paused",
    State.FAILED: "Endpoint failed to start",
    State.SCALED_TO_ZERO: "Endpoint is scaled to zero",
}


class EndpointPhase(StrEnum):
    """What a container's process does."""

    STARTING = "starting"
    HEALTHY = "healthy"
    EXITED = "exited"


class Container(Protocol):
    """A process that serves one revision of one endpoint.

    Attributes:
        exit_code: As a shell tells it (137 for SIGKILL); None until it has exited.
        address: `http://host:port`, None until it listens.
    """

    phase: EndpointPhase
    exit_code: int | None
    address: str | None

    @property
    def pids(self) -> tuple[int, ...]:
        """Its process group's leaders that are alive."""
        ...

    def stop(self) -> None:
        """Begin ending it; returns at once, and again does nothing."""
        ...


class Launcher(Protocol):
    """Starts containers and keeps their logs."""

    def start(
        self, endpoint_id: str, document: EndpointDocument, *, memory_mb: int | None = None
    ) -> Container:
        """Begin building and starting one; returns at once.

        It is killed when it holds more than *memory_mb*; None: nobody looks.
        """
        ...

    def log(self, endpoint_id: str) -> str:
        """All that this endpoint's containers have written."""
        ...

    def forget(self, endpoint_id: str) -> None:
        """The endpoint is gone: remove its files once its containers have ended."""
        ...

    async def close(self) -> None:
        """End every container and wait until they are gone."""
        ...


@dataclass(slots=True, kw_only=True)
class StandInEndpoint:
    """One endpoint; all times are Unix nanoseconds.

    Attributes:
        started_ns: When its present start (first, resume, wake, update) began.
        used_ns: Last authorised request, or when it became ready.
        ready_ns: When it last became `running`.
        candidate: The container that will replace *container* when an update is through.
        in_flight: Requests being answered; an endpoint in use does not fall asleep.
    """

    id: str
    namespace: str
    document: EndpointDocument
    owner: Account
    plan: StartPlan
    created_ns: int
    updated_ns: int
    started_ns: int
    used_ns: int
    ready_ns: int = 0
    state: State = State.PENDING
    message: str = MESSAGES[State.PENDING]
    container: Container | None = None
    candidate: Container | None = None
    deleted_ns: int | None = None
    in_flight: int = 0

    @property
    def containers(self) -> tuple[Container, ...]:
        """Those which may be alive."""
        return tuple(one for one in (self.container, self.candidate) if one is not None)

    def enter(self, state: State, message: str | None = None) -> None:
        """Change the state; *message* defaults to the usual one."""
        self.state, self.message = state, message or MESSAGES[state]
