"""Endpoints of the in-memory provider: they change with the clock and fail on request."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import ModelRejectedInputError, ModelWarmingUpError
from functions.common.providers.base import (
    Endpoint,
    EndpointSpec,
    EndpointState,
    Predictions,
    ProviderRefusedError,
    StartFailure,
)
from functions.common.signatures.body import RequestBody
from functions.provision.names import tagged_deployment
from tests.builders import HARDWARE
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.provider.usage_meter import UsageMeter

STARTUP = timedelta(seconds=40)


class Quality(StrEnum):
    """Fault of a version."""

    GOOD = "good"
    INCOMPATIBLE = "incompatible"
    CANNOT_START = "cannot start"
    UNHEALTHY = "unhealthy"
    REJECTS = "rejects its own example"
    MOODY = "fails every tenth call"
    WIDER = "takes other inputs than the rest"


class Fate(StrEnum):
    """Fault of the provider in the next endpoint, whatever it serves."""

    NO_CAPACITY = "no capacity after 200"
    QUOTA = "refused for the quota"


@dataclass(slots=True)
class _Life:
    created_at: datetime
    started_at: datetime
    fate: Fate | None
    meter: UsageMeter
    deleted_at: datetime | None = None
    paused: bool = False
    asleep: bool = False
    updated_at: datetime | None = None


class SimulatedProvider(FakeEndpointControl):
    """The endpoint control; a test sets `next_fate` and `deletion`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(now=clock)
        self.lives: dict[str, _Life] = {}
        self.next_fate: Fate | None = None
        self.deletion = timedelta(seconds=2)
        self.quality_of: Callable[[str], Quality] = lambda _deployment_id: Quality.GOOD
        self.watch: Callable[[str, str], None] = lambda _call, _name: None
        self.meters: dict[str, UsageMeter] = {}

    def add_foreign(self, name: str) -> None:
        """Add an endpoint of another owner in the same namespace."""
        self._add(name, ("theirs",))

    def add_stray(self, name: str, tags: tuple[str, ...]) -> None:
        """Add an endpoint of ours that no record names."""
        self._add(name, tags)
        self.repositories.add(f"acme/{name}")
        self._begin(name, None)

    def _add(self, name: str, tags: tuple[str, ...]) -> None:
        self.endpoints[name] = Endpoint(
            name=name,
            state=EndpointState.RUNNING,
            url="https://x",
            message="",
            repository=f"acme/{name}",
            revision="f" * 40,
            tags=tags,
            created_at=self.now(),
            hardware=HARDWARE,
        )

    def create(self, spec: EndpointSpec) -> Endpoint:
        fate, self.next_fate = self.next_fate, None
        if fate is Fate.QUOTA:
            raise ProviderRefusedError("The provider answered 403: quota exceeded", may_pass=True)
        self.watch("create", spec.name)
        self._progress(spec.name)
        created = super().create(spec)
        self._begin(spec.name, fate)
        return created

    def _begin(self, name: str, fate: Fate | None) -> None:
        now = self.now()
        meter = self.meters[name] = UsageMeter(begun_at=now, running_since=now)
        self.lives[name] = _Life(now, now, fate, meter, updated_at=now)

    def describe(self, name: str) -> Endpoint | None:
        self._progress(name)
        return self.endpoints.get(name)

    def resume(self, name: str) -> None:
        if name in self.lives and self.lives[name].paused:
            self.lives[name].paused = False
            self.lives[name].updated_at = self.now()
            self._start(name)

    def wake(self, name: str) -> None:
        """Let a call wake the endpoint."""
        if self.lives[name].asleep:
            self.lives[name].asleep = False
            self._start(name)

    def _start(self, name: str) -> None:
        self.lives[name].started_at = self.now()
        self.lives[name].meter.start(self.now())

    def pause(self, name: str) -> None:
        self.watch("pause", name)
        if self._runs(name):
            self.pause_by_hand(name)

    def scale_to_zero(self, name: str) -> None:
        self.watch("scale_to_zero", name)
        if self._runs(name):
            self.lives[name].asleep = True
            self._stop_by_hand(name)

    def _runs(self, name: str) -> bool:
        endpoint = self.describe(name)
        return endpoint is not None and endpoint.state is EndpointState.RUNNING

    def delete(self, name: str) -> None:
        self.watch("delete", name)
        self.lose(name)

    def lose(self, name: str) -> None:
        """Delete the endpoint behind everybody's back."""
        self._progress(name)
        if name in self.lives and self.lives[name].deleted_at is None:
            self.lives[name].deleted_at = self.now()
            self.lives[name].meter.stop(self.now())
            self.lives[name].meter.gone_at = self.now()

    def pause_by_hand(self, name: str) -> None:
        """Pause the endpoint as a person does in the provider's console, which offers it once."""
        self._progress(name)
        if name in self.lives and not self.lives[name].paused:
            self.lives[name].paused = True
            self._stop_by_hand(name)

    def _stop_by_hand(self, name: str) -> None:
        self.lives[name].updated_at = self.now()
        self.lives[name].meter.stop(self.now())

    def _progress(self, name: str) -> None:
        """Set the endpoint's state to what it is at the current time."""
        life = self.lives.get(name)
        if life is None:
            return
        now = self.now()
        if life.deleted_at is not None and now - life.deleted_at >= self.deletion:
            del self.lives[name], self.endpoints[name]
            return
        state, message, failure = self._state(name, life)
        if state is EndpointState.FAILED:
            life.meter.stop(life.started_at + STARTUP)
        self.endpoints[name] = replace(
            self.endpoints[name],
            updated_at=life.updated_at,
            state=state,
            message=message,
            failure=failure,
            url=f"https://{name}",
        )

    def _state(self, name: str, life: _Life) -> tuple[EndpointState, str, StartFailure | None]:
        if life.paused:
            return EndpointState.PAUSED, "Endpoint paused", None
        if life.asleep:
            return EndpointState.ASLEEP, "Endpoint is scaled to zero", None
        if self.now() - life.started_at < STARTUP:
            return EndpointState.STARTING, "Endpoint waiting to be scheduled", None
        if life.fate is Fate.NO_CAPACITY:
            message = "Endpoint failed to start. No capacity"
            return EndpointState.FAILED, message, StartFailure.NO_MACHINE
        quality = self.quality_of(tagged_deployment(self.endpoints[name].tags) or "")
        if quality is Quality.CANNOT_START:
            message = "Endpoint failed to start. Exit code: 3. Reason: no weights"
            return EndpointState.FAILED, message, StartFailure.EXITED
        return EndpointState.RUNNING, "Endpoint is ready", None


class SimulatedInference:
    """The inference client; `verified` has the endpoints that have answered correctly."""

    def __init__(self, provider: SimulatedProvider) -> None:
        self._provider = provider
        self.verified: set[str] = set()

    def healthy(self, endpoint: Endpoint) -> bool:
        quality = self._provider.quality_of(tagged_deployment(endpoint.tags) or "")
        return quality is not Quality.UNHEALTHY

    def invoke(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        request_id: str | None = None,
    ) -> Predictions:
        del request_id
        assert body.raw
        assert deadline.left_s() > 0
        name = deployment.endpoint.name or ""
        endpoint = self._provider.describe(name)
        if endpoint and endpoint.state is EndpointState.ASLEEP:
            self._provider.wake(name)
        if endpoint is None or endpoint.state is not EndpointState.RUNNING:
            raise ModelWarmingUpError("The model is starting. Try again soon.")
        made_for = tagged_deployment(endpoint.tags) or ""
        if self._provider.quality_of(made_for) is Quality.REJECTS:
            raise ModelRejectedInputError("I do not like it.")
        self.verified.add(name)
        values: Any = [[1.0, 2.0, 3.0, 4.0]]
        return Predictions(values, made_for, deployment.package.digest)
