"""Execution environments of predict that share one table of states, in virtual time.

Everything between the handler and DynamoDB is the real code, each environment with a copy of its
own: the cache of live deployments, the circuit breaker, retries, idempotent calls, wait counts. The
table is `memory_dynamo`'s; an operation on it takes 5 ms, in which other environments go on.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from bench.example_model import EXAMPLE, live_deployment
from bench.memory_dynamo import MemoryDynamo
from bench.metering import Tally
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.deadline import Deadline, Timings
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.items import live_item
from functions.common.errors import ServiceError
from functions.common.observability import make_logger
from functions.common.outcomes.dynamodb import DynamoCallCountStore
from functions.common.settings import ROLLBACK_WINDOW_S
from functions.common.signatures.check import InputValidator
from functions.common.wide_event import WideEvent
from functions.predict.idempotency.dynamodb import DynamoLeaseStore
from functions.predict.idempotency.idempotency import Idempotency
from functions.predict.live_deployments import LiveDeployments
from functions.predict.outcomes import OutcomeCounter
from functions.predict.prediction import Call, Predictor
from functions.predict.resilience.circuit_breaker import CircuitBreaker
from functions.predict.resilience.dynamodb_wait_counts import DynamoWaitCounts
from functions.predict.resilience.retrying_client import RetryingClient
from functions.predict.resilience.wait_limit import WaitLimit
from tests.builders import body_of
from tests.tables import DEPLOYMENTS, STATE
from tests.unit.predict.resilience.fleet import DEADLINE_S, TABLE_S, Behaviour, Provider
from tests.unit.predict.resilience.virtual_time import VirtualTime

ANSWER = b"0" * 300
"""Answer that an idempotent call keeps; compressed, it is below a kilobyte, as most are."""
MAX_WAITING = 50
LOOKUP_MAX_AGE_S = 5

logger = make_logger("bench")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Calls of each environment.

    Attributes:
        gap_s: Makes the seconds from an answer to the next call.
        warm_up_s: Not counted; the environments' first calls are spread over it.
        counted_s: How long calls are counted.
        keys: Every call has an Idempotency-Key of its own.
        wait_s: Seconds for which every caller prefers to wait for a starting model.
    """

    gap_s: Callable[[random.Random], float]
    warm_up_s: float = 0.0
    counted_s: float
    keys: bool = False
    wait_s: int = 0


@dataclass(slots=True)
class Counted:
    """Calls made within a time: answers by code, and calls that reached the endpoint."""

    tally: Tally = field(default_factory=Tally)
    codes: Counter[str] = field(default_factory=Counter)
    reached: int = 0

    @property
    def calls(self) -> int:
        return self.codes.total()


class ScaleFleet:
    """A provider, a table, and any number of environments with one call at a time each.

    *behaviour* gets the seconds since the counted part began; *silent*, too, says when the endpoint
    does not answer at all.
    """

    def __init__(
        self,
        behaviour: Behaviour = lambda _s: None,
        *,
        silent: Callable[[float], bool] = lambda _s: False,
        latency_s: float = 0.1,
    ) -> None:
        self.time = VirtualTime()
        self.counted = Counted()
        self._random = random.Random(1)  # noqa: S311 - made-up callers
        self._began = self.time.now()
        self.provider = Provider(
            self.time,
            lambda now: behaviour(now - self._began),
            latency_s,
            silent=lambda now: silent(now - self._began),
        )
        self._dynamo: Any = MemoryDynamo(
            lambda: self.counted.tally, pause=partial(self.time.sleep, TABLE_S)
        )
        deployment = live_deployment()
        self.model_id = deployment.model_id
        self.body = body_of(json.dumps(EXAMPLE).encode())
        self._validator = InputValidator()
        item = live_item(deployment)
        self.time.run([(0.0, lambda: self._dynamo.put_item(TableName=DEPLOYMENTS, Item=item))])

    def run(self, environments: int, load: Load) -> Counted:
        """Let every environment live, and return what the counted part asked for."""
        self._began = self.time.now() + load.warm_up_s
        end = self._began + load.counted_s
        spread_s = max(load.warm_up_s / 2, TABLE_S)
        lives = [
            (self._random.random() * spread_s, partial(self._live, number, load, end))
            for number in range(environments)
        ]
        self.time.run([(load.warm_up_s, self._begin_counting), *lives])
        arrivals = self.provider.arrivals
        self.counted.reached = sum(self._began <= each < end for each in arrivals)
        return self.counted

    def _begin_counting(self) -> None:
        self.counted = Counted()

    def _live(self, number: int, load: Load, end: float) -> None:
        environment, calls = self._environment(), count()
        while self.time.now() < end:
            code = environment.outcome(f"{number}-{next(calls)}", load)
            if self.time.now() < end:
                self.counted.codes[code] += 1
            self.time.sleep(load.gap_s(self._random))

    def _environment(self) -> "_Environment":
        """Return a new environment, put together as predict's bootstrap does it."""
        now, sleep, jitter = self.time.now, self.time.sleep, self._random.random
        table = DynamoDeploymentStore(self._dynamo, DEPLOYMENTS)
        states = DynamoCircuitStateStore(self._dynamo, STATE, now=now)
        breaker = CircuitBreaker(states, now=now, sleep=sleep, jitter=jitter)
        client = RetryingClient(self.provider, breaker, sleep=sleep, jitter=jitter)
        live = LiveDeployments(table, max_age_s=LOOKUP_MAX_AGE_S, monotonic=now)
        leases = DynamoLeaseStore(self._dynamo, STATE, now=now)
        counts = DynamoWaitCounts(self._dynamo, STATE, now=now)
        outcomes = OutcomeCounter(
            DynamoCallCountStore(self._dynamo, STATE), window_s=ROLLBACK_WINDOW_S, now=now
        )
        return _Environment(
            fleet=self,
            predictor=Predictor(
                live,
                self._validator,
                client,
                outcomes,
                begin_copy=lambda _live: None,
                metrics_per_model=False,
            ),
            idempotency=Idempotency(leases, logger, sleep=sleep),
            wait_limit=WaitLimit(counts, most=MAX_WAITING, now=now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Environment:
    """One execution environment."""

    fleet: ScaleFleet
    predictor: Predictor
    idempotency: Idempotency
    wait_limit: WaitLimit

    def outcome(self, caller: str, load: Load) -> str:
        """Make one call of a user of its own; return the code of its error, or `ok`."""
        now, body = self.fleet.time.now, self.fleet.body
        call = Call(
            model_id=self.fleet.model_id,
            request_id=caller,
            body=body,
            deadline=Deadline.after(DEADLINE_S, clock=now),
            wait_until=Deadline.after(load.wait_s, clock=now) if load.wait_s else None,
            may_wait=self.wait_limit.for_user(caller),
            timings=Timings(monotonic=now),
            wide_event=WideEvent(),
        )

        def compute() -> bytes:
            self.predictor.predict(call)
            return ANSWER

        try:
            if load.keys:
                self.idempotency.answer(caller, caller, body.raw, compute, deadline=call.deadline)
            else:
                compute()
        except ServiceError as error:
            return error.code
        return "ok"
