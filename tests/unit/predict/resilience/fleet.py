"""A hundred execution environments and the provider they call, in virtual time."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from functions.common.circuits.state import CircuitState
from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import ProviderTimeoutError, ServiceError
from functions.common.providers.base import Endpoint, Predictions
from functions.common.signatures.body import RequestBody
from functions.predict.resilience.circuit_breaker import CircuitBreaker
from functions.predict.resilience.retrying_client import RetryingClient
from functions.predict.resilience.state_cache import Transition
from tests.builders import a_live_deployment
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.unit.predict.resilience.virtual_time import VirtualTime

TABLE_S = 0.005
"""Seconds of a read or a write in DynamoDB."""
DEADLINE_S = 25.0

type Behaviour = Callable[[float], ServiceError | None]
"""Returns the provider's error for a call that arrives now; None: it answers."""


class SlowStateStore(FakeCircuitStateStore):
    """Reads and writes take time, in which other environments read and write."""

    def __init__(self, time: VirtualTime) -> None:
        super().__init__()
        self._time = time

    def get(self, deployment_id: str) -> CircuitState:
        self._time.sleep(TABLE_S)
        return super().get(deployment_id)

    def replace(
        self, deployment_id: str, seen: CircuitState, new: CircuitState
    ) -> CircuitState | None:
        self._time.sleep(TABLE_S)
        return super().replace(deployment_id, seen, new)


@dataclass
class Provider:
    """An endpoint: every call takes *latency_s*, then *behaviour* says how it ends."""

    time: VirtualTime
    behaviour: Behaviour
    latency_s: float = 0.05
    silent: Callable[[float], bool] = lambda _now: False
    arrivals: list[float] = field(default_factory=list)

    def healthy(self, endpoint: Endpoint) -> bool:
        raise NotImplementedError

    def invoke(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        request_id: str | None = None,
    ) -> Predictions:
        del deployment, body, request_id
        arrived = self.time.now()
        self.arrivals.append(arrived)
        if self.silent(arrived):
            self.time.sleep(deadline.left_s())
            raise ProviderTimeoutError("silent")
        self.time.sleep(self.latency_s)
        if error := self.behaviour(arrived):
            raise error
        return Predictions([1.0], None)


@dataclass
class Outcomes:
    """Outcomes of calls: (asked at, answered at, code or `ok`, retry after in seconds)."""

    all: list[tuple[float, float, str, int | None]] = field(default_factory=list)

    def codes(self) -> Counter[str]:
        return Counter(code for _, _, code, _ in self.all)

    def __iter__(self) -> Iterator[tuple[float, float, str, int | None]]:
        return iter(self.all)


class Fleet:
    """Environments that share the circuit states only, each with one call at a time."""

    def __init__(self, behaviour: Behaviour, *, latency_s: float = 0.05, seed: int = 1) -> None:
        self.time = VirtualTime()
        self.start = self.time.now()
        self.provider = Provider(self.time, behaviour, latency_s)
        self.states = SlowStateStore(self.time)
        self.deployment = a_live_deployment()
        self.outcomes = Outcomes()
        self.transitions: list[Transition] = []
        self._random = random.Random(seed)  # noqa: S311 - made-up callers

    def environment(self) -> RetryingClient:
        breaker = CircuitBreaker(
            self.states,
            on_transition=self.transitions.append,
            now=self.time.now,
            sleep=self.time.sleep,
            jitter=self._random.random,
        )
        return RetryingClient(
            self.provider,
            breaker,
            sleep=self.time.sleep,
            jitter=self._random.random,
        )

    def call(self, calls: RetryingClient, *, wait_s: float = 0.0) -> None:
        """Make one call, and note its outcome."""
        asked = self.time.now()
        code, retry_after_s = "ok", None
        try:
            calls.predict(
                self.deployment,
                RequestBody.of({}),
                deadline=Deadline.after(DEADLINE_S, clock=self.time.now),
                wait_until=Deadline.after(wait_s, clock=self.time.now),
            )
        except ServiceError as error:
            code, retry_after_s = error.code, error.retry_after_s
        self.outcomes.all.append((asked, self.time.now(), code, retry_after_s))

    def run(self, environments: int, *, for_s: float, every_s: float, spread_s: float) -> None:
        """Let each environment call every *every_s* for *for_s*; they begin within *spread_s*."""

        def life() -> None:
            calls = self.environment()
            while self.time.now() < self.start + for_s:
                self.call(calls)
                self.time.sleep(every_s * (0.5 + self._random.random()))

        self.time.run((self._random.random() * spread_s, life) for _ in range(environments))

    def arrived(self, since_s: float, until_s: float) -> int:
        """Return the number of calls that reached the provider in that part of the run."""
        begin, end = self.start + since_s, self.start + until_s
        return sum(begin <= arrival < end for arrival in self.provider.arrivals)
