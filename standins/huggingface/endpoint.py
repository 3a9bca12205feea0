"""An endpoint, and the ports to the containers behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from standins.huggingface.access import Account
from standins.huggingface.documents import EndpointDocument
from standins.huggingface.start_plans import StartPlan

Clock = Callable[[], int]
"""Unix time in nanoseconds."""


class State(StrEnum):
    """Values of `status.state`."""

    PENDING = "pending"
    INITIALIZING = "initializing"
    RUNNING = "running"
    PAUSED = "paused"
    FAILED = "failed"
    SCALED_TO_ZERO = "scaledToZero"


BILLED = frozenset({State.INITIALIZING, State.RUNNING})
"""States that are paid for.
Source: https://huggingface.co/docs/inference-endpoints/support/pricing"""
MESSAGES = {
    State.PENDING: "Endpoint waiting to be scheduled",
    State.INITIALIZING: "Endpoint is initializing",
    State.RUNNING: "Endpoint is ready",
    State.PAUSED: "Endpoint is paused",
    State.FAILED: "Endpoint failed to start",
    State.SCALED_TO_ZERO: "Endpoint is scaled to zero",
}


class EndpointPhase(StrEnum):
    """Phases of a container's process."""

    STARTING = "starting"
    HEALTHY = "healthy"
    EXITED = "exited"


class Container(Protocol):
    """A process that serves one revision of one endpoint.

    Attributes:
        exit_code: As a shell reports it (137 for SIGKILL); None until it has exited.
        address: `http://host:port`, None until it listens.
    """

    phase: EndpointPhase
    exit_code: int | None
    address: str | None

    def stop(self) -> None:
        """Begin ending it; returns at once, and again does nothing."""
        ...


class Launcher(Protocol):
    """Starts containers and keeps their logs."""

    def start(
        self,
        endpoint_id: str,
        document: EndpointDocument,
        *,
        memory_mb: int | None = None,
        host_cores: int | None = None,
    ) -> Container:
        """Begin building and starting one; returns at once.

        Args:
            memory_mb: It is killed when it holds more; None: no limit.
            host_cores: How many it sees; None: those of this machine.
        """
        ...

    def log(self, endpoint_id: str) -> str:
        """Return everything that the endpoint's containers have written."""
        ...

    def forget(self, endpoint_id: str) -> None:
        """Remove a deleted endpoint's files once its containers have ended."""
        ...

    async def close(self) -> None:
        """End every container and wait until they are gone."""
        ...


@dataclass(slots=True, kw_only=True)
class StandInEndpoint:
    """One endpoint; all times are Unix nanoseconds.

    Attributes:
        started_ns: When its present start (first, resume, wake) began.
        used_ns: Last authorised request, or when it became ready.
        updated_ns: When somebody last created, paused, resumed or slept it.
        metered_ns: Until when `billed_ns`, the replica-nanoseconds to pay for, have been counted.
        ready_ns: When it was ready for the first time; None: not yet.
        in_flight: Requests being answered; an endpoint in use does not fall asleep.
    """

    id: str
    namespace: str
    document: EndpointDocument
    owner: Account
    plan: StartPlan
    created_ns: int
    started_ns: int
    used_ns: int
    updated_ns: int
    metered_ns: int
    billed_ns: int = 0
    state: State = State.PENDING
    message: str = MESSAGES[State.PENDING]
    container: Container | None = None
    ready_ns: int | None = None
    deleted_ns: int | None = None
    in_flight: int = 0

    @property
    def health_route(self) -> str | None:
        return self.document.model.image.health_route

    @property
    def replicas(self) -> int:
        """Replicas while it starts or runs."""
        return max(1, self.document.compute.scaling.min_replica)

    def enter(self, state: State, message: str | None = None, *, at_ns: int) -> None:
        """Change the state as of *at_ns*; *message* defaults to the usual one."""
        self.meter(at_ns)
        self.state, self.message = state, message or MESSAGES[state]

    def meter(self, until_ns: int) -> None:
        """Count what is to be paid for until then."""
        if self.state in BILLED and self.deleted_ns is None:
            self.billed_ns += self.replicas * max(0, until_ns - self.metered_ns)
        self.metered_ns = max(self.metered_ns, until_ns)
