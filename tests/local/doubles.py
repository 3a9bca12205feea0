"""A clock and containers for the stand-in that tests control."""

from dataclasses import dataclass, field

from standins.huggingface.documents import EndpointDocument
from standins.huggingface.endpoint import EndpointPhase


class Clock:
    """A clock in Unix nanoseconds that the test sets."""

    def __init__(self) -> None:
        self.now_ns = 1_795_000_000_123_456_789

    def __call__(self) -> int:
        return self.now_ns

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.now_ns += round(seconds * 1e9)


@dataclass
class FakeContainer:
    """A container that is healthy from the start; tests change its attributes."""

    document: EndpointDocument
    phase: EndpointPhase = EndpointPhase.HEALTHY
    memory_mb: int | None = None
    host_cores: int | None = None
    exit_code: int | None = None
    address: str | None = "http://container"
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True

    def exit(self, code: int) -> None:
        """End the container as if its process had exited with *code*."""
        self.phase, self.exit_code = EndpointPhase.EXITED, code


@dataclass
class FakeLauncher:
    """Starts fake containers and lists them in order."""

    containers: list[FakeContainer] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    written: str = ""
    starts_as: EndpointPhase = EndpointPhase.HEALTHY

    def start(
        self,
        _endpoint_id: str,
        document: EndpointDocument,
        *,
        memory_mb: int | None = None,
        host_cores: int | None = None,
    ) -> FakeContainer:
        self.containers.append(FakeContainer(document, self.starts_as, memory_mb, host_cores))
        return self.containers[-1]

    def log(self, _endpoint_id: str) -> str:
        return self.written

    def forget(self, endpoint_id: str) -> None:
        self.forgotten.append(endpoint_id)

    async def close(self) -> None:
        """Do nothing: there are no processes."""
