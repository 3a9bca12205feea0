"""The usual time of a start, and the plans that a test has ordered for some endpoints."""

import re
from typing import Any

from pydantic import BaseModel, ConfigDict

from standins.huggingface.documents import EndpointDocument, validate_document


class StartPlan(BaseModel):
    """A plan for the first start of an endpoint.

    Attributes:
        name: Regular expression for the names of the endpoints.
        times: Number of endpoints that the plan is for.
        fail_after_s: The endpoint becomes `failed` then, as when no machine is free.
        never_healthy: It stays `initializing`.
        health_status: Answered on the health route while it is `running`, by no container.
        memory_mb: A container that holds more is killed, as where memory is short.
        host_cores: Number of cores that the container sees; None: those of this machine.
        echo: JSON merge patch (RFC 7396) of what was asked for; the result is what the service
            keeps, shows and runs. `{"model": {"command": null}}` drops the command.
        serve_repository, serve_revision: What really runs, while the control API shows what was
            asked for: a branch or SHA (None: main) of this repository (None: the endpoint's own).
    """

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    times: int = 1
    fail_after_s: float | None = None
    never_healthy: bool = False
    health_status: int | None = None
    memory_mb: int | None = None
    host_cores: int | None = None
    echo: dict[str, Any] = {}
    serve_repository: str | None = None
    serve_revision: str | None = None

    @property
    def starts_container(self) -> bool:
        return not self.never_healthy and self.fail_after_s is None

    def kept(self, document: EndpointDocument) -> EndpointDocument:
        """Return what the service makes of *document*. Raises: ApiError 422."""
        return validate_document(
            _merged(document.model_dump(by_alias=True, exclude_none=True), self.echo)
        )

    def served(self, document: EndpointDocument) -> EndpointDocument:
        """Return the document of the container that runs where *document* was asked for."""
        if self.serve_repository is None and self.serve_revision is None:
            return document
        served = {
            "repository": self.serve_repository or document.model.repository,
            "revision": self.serve_revision or "main",
        }
        return document.model_copy(update={"model": document.model.model_copy(update=served)})


class StartPlans:
    """The plans that wait for their endpoint; *startup_s*: seconds of every other start."""

    def __init__(self, startup_s: float) -> None:
        self.startup_s = startup_s
        self._waiting: list[StartPlan] = []

    def add(self, plan: StartPlan) -> None:
        """Use *plan* for endpoints that are created from now on."""
        self._waiting.append(plan)

    def take(self, name: str) -> StartPlan:
        """Return the plan for the new endpoint *name*, and use it up."""
        for plan in self._waiting:
            if re.search(plan.name, name):
                plan.times -= 1
                self._waiting = [each for each in self._waiting if each.times > 0]
                return plan
        return StartPlan()


def _merged(target: Any, patch: dict[str, Any]) -> dict[str, Any]:
    """Return *target* with a JSON merge patch applied. Source: RFC 7396, section 2."""
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value) if isinstance(value, dict) else value
    return merged
