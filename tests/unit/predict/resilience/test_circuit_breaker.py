"""One environment's circuit breaker: its cache, and its calls while the table is down."""

import pytest

from functions.common.circuits.state import FAILURES_TO_OPEN, PROBE_INTERVAL_S, Circuit, Phase
from functions.common.deadline import Deadline
from functions.common.errors import CircuitOpenError, ModelNotReadyError, ModelWarmingUpError
from functions.predict.resilience.circuit_breaker import (
    ANSWER_SHARED_EVERY_S,
    OWN_ANSWER_TRUSTED_S,
    CircuitBreaker,
    Permit,
)
from functions.predict.resilience.state_cache import (
    REFUSAL_MAX_AGE_S,
    UNAVAILABLE_FOR_S,
    Transition,
)
from tests.builders import a_live_deployment
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.inference_client import FakeClock

DEPLOYMENT = a_live_deployment()


class Environment:
    """A circuit breaker, the states that it shares, and a clock."""

    def __init__(self, states: FakeCircuitStateStore | None = None) -> None:
        self.clock = FakeClock(1_800_000_000.0)
        self.states = states or FakeCircuitStateStore()
        self.transitions: list[Transition] = []
        self.breaker = CircuitBreaker(
            self.states,
            on_transition=self.transitions.append,
            now=self.clock,
            sleep=self.clock.sleep,
            jitter=lambda: 0.5,
        )

    def acquire(self, *, wait_s: float = 0) -> Permit:
        return self.breaker.acquire(DEPLOYMENT, deadline=Deadline.after(wait_s, clock=self.clock))

    def fail(self, times: int = FAILURES_TO_OPEN) -> None:
        for _ in range(times):
            self.breaker.failed(self.acquire())

    def asked(self) -> tuple[int, int]:
        return self.states.reads, self.states.writes


@pytest.fixture
def environment() -> Environment:
    return Environment()


def test_a_busy_environment_does_not_read_the_state(environment: Environment):
    """Its own recent answer suffices; now and then it shares one."""
    environment.breaker.answered(environment.acquire())
    before = environment.asked()
    for _ in range(30):
        environment.clock.sleep(OWN_ANSWER_TRUSTED_S / 2)
        environment.breaker.answered(environment.acquire())
    assert before == environment.asked()

    environment.clock.sleep(ANSWER_SHARED_EVERY_S)
    environment.breaker.answered(environment.acquire())
    assert (before[0] + 1, before[1] + 1) == environment.asked()


def test_another_environments_answer_frees_calls(environment: Environment):
    """The probe answers for all."""
    environment.breaker.answered(environment.acquire())
    other = Environment(environment.states)

    assert other.acquire().free


def test_a_failure_ends_what_an_own_answer_freed(environment: Environment):
    """The very next call reads the shared state."""
    environment.breaker.answered(environment.acquire())
    call = environment.acquire()
    environment.breaker.failed(call)
    reads, _ = environment.asked()

    environment.acquire()

    assert (reads + 1) == environment.asked()[0]


def test_an_open_circuit_refuses_with_the_time_of_the_next_probe(environment: Environment):
    """A retry can help then."""
    environment.fail()
    environment.clock.sleep(2)

    with pytest.raises(CircuitOpenError) as refused:
        environment.acquire()

    assert PROBE_INTERVAL_S[Phase.OPEN] - 2 == refused.value.retry_after_s


def test_an_open_circuit_is_read_once_a_second(environment: Environment):
    """However many calls it refuses."""
    environment.fail()
    reads, _ = environment.asked()
    for _ in range(20):
        with pytest.raises(CircuitOpenError):
            environment.acquire()
    assert reads == environment.asked()[0]

    environment.clock.sleep(REFUSAL_MAX_AGE_S)
    with pytest.raises(CircuitOpenError):
        environment.acquire()
    assert reads + 1 == environment.asked()[0]


def test_one_environment_probes_for_all(environment: Environment):
    """The others are refused until it has reported."""
    environment.fail()
    other = Environment(environment.states)
    for each in (environment, other):
        each.clock.sleep(PROBE_INTERVAL_S[Phase.OPEN])

    probe = environment.acquire()
    with pytest.raises(CircuitOpenError):
        other.acquire()
    environment.breaker.answered(probe)
    other.clock.sleep(REFUSAL_MAX_AGE_S)

    assert not probe.free
    assert other.acquire().free


def test_who_waits_for_another_call_gives_up_in_time(environment: Environment):
    """The other one has not reported yet."""
    environment.acquire()
    other = Environment(environment.states)

    with pytest.raises(CircuitOpenError):
        other.acquire(wait_s=1)

    assert other.clock.now <= environment.clock.now + 1


def test_a_sleeping_model_and_a_paused_one_have_different_errors(environment: Environment):
    """Both refuse calls."""
    warming = environment.breaker.asleep(environment.acquire())
    with pytest.raises(ModelWarmingUpError) as refused:
        environment.acquire()
    environment.clock.sleep(PROBE_INTERVAL_S[Phase.WARMING])
    environment.breaker.not_ready(environment.acquire())
    with pytest.raises(ModelNotReadyError) as not_ready:
        environment.acquire()

    assert warming.retry_after_s == refused.value.retry_after_s
    assert "model_not_ready" == not_ready.value.code


def test_without_its_table_every_call_goes(environment: Environment):
    """The last known state does not matter; the table is not read for some seconds."""
    environment.fail()
    environment.states.down = True
    environment.clock.sleep(REFUSAL_MAX_AGE_S)

    calls = [environment.acquire() for _ in range(3)]
    for call in calls:
        environment.breaker.failed(call)

    assert [True, True, True] == [call.free for call in calls]


def test_with_its_table_back_the_circuit_counts_again(environment: Environment):
    """After a pause in which nobody asked."""
    environment.states.down = True
    environment.breaker.failed(environment.acquire())
    environment.states.down = False
    environment.breaker.failed(environment.acquire())
    assert (0, 0) == environment.asked()

    environment.clock.sleep(UNAVAILABLE_FOR_S)
    environment.fail()

    assert Circuit.OPEN is environment.states.get(DEPLOYMENT.id).circuit(environment.clock.now)


def test_every_change_is_published_by_the_environment_that_made_it(environment: Environment):
    """Closed to open, to half-open, and back to closed: once each."""
    environment.fail()
    environment.clock.sleep(PROBE_INTERVAL_S[Phase.OPEN])
    environment.breaker.answered(environment.acquire())

    circuits = [each.after.circuit(each.at) for each in environment.transitions]
    assert [Circuit.OPEN, Circuit.HALF_OPEN, Circuit.CLOSED] == circuits[-3:]
    assert {Circuit.CLOSED} == set(circuits[:-3])
