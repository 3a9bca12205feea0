"""One environment's gate: what it asks, what it remembers, and what it does without its table."""

import pytest

from functions.common.circuits.state import FAILURES_TO_OPEN, TURN_S, Circuit, Phase
from functions.common.errors import CircuitOpenError, ModelNotReadyError, ModelWarmingUpError
from functions.predict.resilience.circuit_breaker import (
    ANSWERS_SHARED_EVERY_S,
    OWN_ANSWER_FREES_FOR_S,
    Gate,
    Pass,
)
from functions.predict.resilience.state_cache import BLIND_FOR_S, REFUSALS_KEPT_S, Transition
from tests.builders import a_live_deployment
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.inference_client import FakeClock

DEPLOYMENT = a_live_deployment()


class Environment:
    """A gate, the conditions that it shares, and a clock."""

    def __init__(self, conditions: FakeCircuitStateStore | None = None) -> None:
        self.clock = FakeClock(1_800_000_000.0)
        self.conditions = conditions or FakeCircuitStateStore()
        self.transitions: list[Transition] = []
        self.gate = Gate(
            self.conditions,
            on_transition=self.transitions.append,
            now=self.clock,
            sleep=self.clock.sleep,
            jitter=lambda: 0.5,
        )

    def admit(self, *, wait_s: float = 0) -> Pass:
        return self.gate.admit(DEPLOYMENT, give_up_at=self.clock.now + wait_s)

    def fail(self, times: int = FAILURES_TO_OPEN) -> None:
        for _ in range(times):
            self.gate.failed(self.admit())

    def asked(self) -> tuple[int, int]:
        return self.conditions.reads, self.conditions.writes


@pytest.fixture
def environment() -> Environment:
    return Environment()


def test_a_busy_environment_asks_nobody(environment: Environment):
    """Its own answer of a moment ago is knowledge enough; now and then it tells the others."""
    environment.gate.answered(environment.admit())
    before = environment.asked()
    for _ in range(30):
        environment.clock.sleep(OWN_ANSWER_FREES_FOR_S / 2)
        environment.gate.answered(environment.admit())
    assert before == environment.asked()

    environment.clock.sleep(ANSWERS_SHARED_EVERY_S)
    environment.gate.answered(environment.admit())
    assert (before[0] + 1, before[1] + 1) == environment.asked()


def test_another_environments_answer_frees_calls(environment: Environment):
    """It has found out for all."""
    environment.gate.answered(environment.admit())
    other = Environment(environment.conditions)

    assert other.admit().free


def test_a_failure_ends_what_an_own_answer_freed(environment: Environment):
    """The very next call looks at what is known."""
    environment.gate.answered(environment.admit())
    call = environment.admit()
    environment.gate.failed(call)
    reads, _ = environment.asked()

    environment.admit()

    assert (reads + 1) == environment.asked()[0]


def test_an_open_circuit_refuses_with_the_time_of_the_next_probe(environment: Environment):
    """Which is when trying again can help."""
    environment.fail()
    environment.clock.sleep(2)

    with pytest.raises(CircuitOpenError) as refused:
        environment.admit()

    assert TURN_S[Phase.OPEN] - 2 == refused.value.retry_after_s


def test_an_open_circuit_is_asked_about_once_a_second(environment: Environment):
    """However many calls it refuses."""
    environment.fail()
    reads, _ = environment.asked()
    for _ in range(20):
        with pytest.raises(CircuitOpenError):
            environment.admit()
    assert reads == environment.asked()[0]

    environment.clock.sleep(REFUSALS_KEPT_S)
    with pytest.raises(CircuitOpenError):
        environment.admit()
    assert reads + 1 == environment.asked()[0]


def test_one_environment_probes_for_all(environment: Environment):
    """The others are refused until it has reported."""
    environment.fail()
    other = Environment(environment.conditions)
    for each in (environment, other):
        each.clock.sleep(TURN_S[Phase.OPEN])

    probe = environment.admit()
    with pytest.raises(CircuitOpenError):
        other.admit()
    environment.gate.answered(probe)
    other.clock.sleep(REFUSALS_KEPT_S)

    assert not probe.free
    assert other.admit().free


def test_who_waits_for_another_call_gives_up_in_time(environment: Environment):
    """The other one has not reported yet."""
    environment.admit()
    other = Environment(environment.conditions)

    with pytest.raises(CircuitOpenError):
        other.admit(wait_s=1)

    assert other.clock.now <= environment.clock.now + 1


def test_a_sleeping_model_is_told_apart_from_one_that_is_paused(environment: Environment):
    """Both refuse calls; each with its own error."""
    warming = environment.gate.asleep(environment.admit())
    with pytest.raises(ModelWarmingUpError) as refused:
        environment.admit()
    environment.clock.sleep(TURN_S[Phase.WARMING])
    environment.gate.unready(environment.admit())
    with pytest.raises(ModelNotReadyError) as not_ready:
        environment.admit()

    assert warming.retry_after_s == refused.value.retry_after_s
    assert "model_not_ready" == not_ready.value.code


def test_without_its_table_every_call_goes(environment: Environment):
    """Whatever was known before; the table is left alone for some seconds."""
    environment.fail()
    environment.conditions.down = True
    environment.clock.sleep(REFUSALS_KEPT_S)

    calls = [environment.admit() for _ in range(3)]
    for call in calls:
        environment.gate.failed(call)

    assert [True, True, True] == [call.free for call in calls]


def test_with_its_table_back_the_circuit_counts_again(environment: Environment):
    """After a pause in which nobody asked."""
    environment.conditions.down = True
    environment.gate.failed(environment.admit())
    environment.conditions.down = False
    environment.gate.failed(environment.admit())
    assert (0, 0) == environment.asked()

    environment.clock.sleep(BLIND_FOR_S)
    environment.fail()

    assert Circuit.OPEN is environment.conditions.of(DEPLOYMENT.id).circuit(environment.clock.now)


def test_every_change_is_told_by_the_one_who_made_it(environment: Environment):
    """Closed to open, to half-open, and back to closed: once each."""
    environment.fail()
    environment.clock.sleep(TURN_S[Phase.OPEN])
    environment.gate.answered(environment.admit())

    circuits = [each.after.circuit(each.at) for each in environment.transitions]
    assert [Circuit.OPEN, Circuit.HALF_OPEN, Circuit.CLOSED] == circuits[-3:]
    assert {Circuit.CLOSED} == set(circuits[:-3])
