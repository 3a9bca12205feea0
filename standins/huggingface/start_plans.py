"""What is to happen to endpoints: the usual timing, and the accidents that a test has ordered."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from standins.huggingface.documents import EndpointDocument


class Timing(BaseModel):
    """How fast things happen, and the two answers on which sources differ.

    Attributes:
        startup_s: From the start of a start until `running`, at least.
        pending_s: How much of the first start is spent `pending`; None: a quarter.
        deletion_s: How long a deleted endpoint is still shown.
        minute_s: Length of a minute of `scaleToZeroTimeout`.
        create_status: Status of a successful create; the service has sent 200 and 202.
        cold_status: Status while nothing can answer; the proxy has sent 503 and 502.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    startup_s: float = 2
    pending_s: float | None = None
    deletion_s: float = 0.7
    minute_s: float = 60
    create_status: int = 200
    cold_status: int = 503


class StartPlan(BaseModel):
    """How the first start of an endpoint goes.

    Attributes:
        name: Regular expression for the endpoints that this is meant for.
        times: How many of those.
        startup_s: Instead of the usual timing.
        fail_after_s: It becomes `failed` with *message* then, as when no machine is free.
        never_healthy: It stays `initializing`.
        unready_s: How long it is `running` before the proxy finds a replica.
        health_status: Answered on the health route while it is `running`, by no container.
        memory_mb: A container that holds more is killed, as where memory is short.
        serve_repository, serve_revision: What really runs, while the control API shows what was
            asked for: a branch or SHA (None: main) of this repository (None: the endpoint's own).
    """

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    times: int = 1
    startup_s: float | None = None
    fail_after_s: float | None = None
    message: str = "Endpoint failed to start. Scheduling failure: not enough hardware capacity"
    never_healthy: bool = False
    unready_s: float = 0
    health_status: int | None = None
    memory_mb: int | None = None
    serve_repository: str | None = None
    serve_revision: str | None = None

    def served(self, document: EndpointDocument) -> EndpointDocument:
        """What really runs where *document* was asked for."""
        if self.serve_repository is None and self.serve_revision is None:
            return document
        really = {
            "repository": self.serve_repository or document.model.repository,
            "revision": self.serve_revision or "main",
        }
        return document.model_copy(update={"model": document.model.model_copy(update=really)})


class StartPlans:
    """The timing and the start plans that wait for their endpoint."""

    def __init__(self, timing: Timing) -> None:
        self._initial = timing
        self.reset()

    def reset(self) -> None:
        """As at the start of the process."""
        self.timing = self._initial.model_copy()
        self.waiting: list[StartPlan] = []

    def set_timing(self, changes: Mapping[str, Any]) -> None:
        """Change the timing for what happens from now on. Raises: pydantic.ValidationError."""
        self.timing = Timing.model_validate({**self.timing.model_dump(), **changes})

    def take(self, name: str) -> StartPlan:
        """The plan for the endpoint *name* that is being created."""
        for plan in self.waiting:
            if re.search(plan.name, name):
                plan.times -= 1
                self.waiting = [one for one in self.waiting if one.times > 0]
                return plan.model_copy()
        return StartPlan()
