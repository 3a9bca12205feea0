"""The fake circuit-state store and DynamoDB's behave the same."""

from collections.abc import Callable, Iterator

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws

from bench.memory_dynamo import a_counting_table
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.circuits.state import CircuitState
from functions.common.circuits.store import CircuitStateStore, CircuitStatesUnavailableError
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.tables import STATE, create_table

NOW = 1_800_000_000.123456
UNREACHABLE = "http://127.0.0.1:9"
"""The discard port: nobody listens there."""


def in_dynamodb() -> CircuitStateStore:
    return DynamoCircuitStateStore(create_table(STATE), STATE, now=lambda: NOW)


def in_memory() -> CircuitStateStore:
    return DynamoCircuitStateStore(a_counting_table(), STATE, now=lambda: NOW)


@pytest.fixture(
    params=[FakeCircuitStateStore, in_dynamodb, in_memory], ids=["fake", "dynamodb", "memory"]
)
def states(request: pytest.FixtureRequest) -> Iterator[CircuitStateStore]:
    make: Callable[[], CircuitStateStore] = request.param
    with mock_aws():
        yield make()


@pytest.fixture(params=["fake", "dynamodb"])
def unavailable(request: pytest.FixtureRequest) -> CircuitStateStore:
    """A circuit-state store that cannot be reached."""
    if request.param == "fake":
        fake = FakeCircuitStateStore()
        fake.down = True
        return fake
    config = Config(retries={"total_max_attempts": 1}, connect_timeout=0.2)
    client = boto3.client("dynamodb", endpoint_url=UNREACHABLE, config=config)
    return DynamoCircuitStateStore(client, STATE)


def test_a_deployment_without_calls_has_the_default_state(states: CircuitStateStore):
    """The circuit is closed and nothing is stored."""
    assert CircuitState() == states.get("d1")


def test_a_written_state_is_read_by_every_environment(states: CircuitStateStore):
    """Every field survives, times to the microsecond; other deployments are unchanged."""
    seen = CircuitState()
    new = seen.asleep(NOW).answered(NOW + 10.5).failed(NOW + 11, started_at=NOW + 11).checked(NOW)

    written = states.replace("d1", seen, new)

    assert written == states.get("d1")
    assert written is not None
    assert (1, 10.5, 1) == (written.version, written.wake_s, written.failures)
    assert NOW == written.checked_at
    assert CircuitState() == states.get("d2")


def test_a_concurrent_write_is_refused(states: CircuitStateStore):
    """The second of two environments that have read the same state is refused its write."""
    seen = CircuitState()
    first = states.replace("d1", seen, seen.claim_probe(NOW))

    assert None is states.replace("d1", seen, seen.asleep(NOW))
    assert first == states.get("d1")


def test_a_written_state_can_be_replaced(states: CircuitStateStore):
    """The state that a write returns is the one that the next write expects."""
    condition: CircuitState | None = CircuitState()
    for number in range(1, 4):
        assert condition is not None
        condition = states.replace("d1", condition, condition.failed(NOW, started_at=NOW))
        assert condition is not None
        assert (number, number) == (condition.version, condition.failures)


def test_an_unavailable_store_raises(unavailable: CircuitStateStore):
    """Both reading and writing raise."""
    with pytest.raises(CircuitStatesUnavailableError):
        unavailable.get("d1")
    with pytest.raises(CircuitStatesUnavailableError):
        unavailable.replace("d1", CircuitState(), CircuitState().answered(NOW))


def test_states_expire() -> None:
    """DynamoDB deletes a state a month after its last change."""
    with mock_aws():
        in_dynamodb().replace("d1", CircuitState(), CircuitState().answered(NOW))
        key = {"id": {"S": "condition#d1"}}
        item = boto3.client("dynamodb").get_item(TableName=STATE, Key=key)["Item"]

    assert {"N": str(int(NOW) + 30 * 24 * 3600)} == item["expiration"]


def test_a_state_of_an_earlier_release_was_never_checked() -> None:
    """Its item lacks the time."""
    with mock_aws():
        states = in_dynamodb()
        states.replace("d1", CircuitState(), CircuitState().checked(NOW))
        boto3.client("dynamodb").update_item(
            TableName=STATE,
            Key={"id": {"S": "condition#d1"}},
            UpdateExpression="REMOVE checked_at",
        )

        assert 0 == states.get("d1").checked_at
