"""Baking: a new version is looked at while the one before it stands, and taken back if it fails."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.circuits.state import FAILURES_TO_OPEN
from functions.common.deployments.record import Deployment, Status
from functions.common.errors import ModelFailedError, ModelWarmingUpError
from functions.common.metric_names import TAKEN_BACK
from functions.common.outcomes.counts import CallCounts, quarter_of
from functions.provision.ports import ProvisionPorts
from functions.provision.settings import ProvisionSettings
from functions.provision.tasks.workflow_tasks import WorkflowTasks
from tests.builders import NOON, a_live_deployment, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.provider import InMemoryProvider
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore
from tests.unit.provision.endpoints import endpoint_of
from tests.wide_events import metric_lines

EXAMPLE = {"inputs": [[1.0]]}
LIVE_SINCE = NOON + timedelta(hours=2)
FAILING = CallCounts(50, 5)


class Model:
    """A model whose version 2 has replaced version 1 a minute ago."""

    def __init__(self) -> None:
        self.now = LIVE_SINCE
        self.store = FakeDeploymentStore(now=lambda: self.now)
        self.state: Any = a_serving_state()
        self.inference = FakeInferenceClient([0.5])
        self.control = FakeEndpointControl()
        self.registry = FakeModelRegistry(a_version(), a_version(version="2"))
        self.earlier, self.live = self.go_live("1"), self.go_live("2")
        self.now += timedelta(minutes=1)

    def go_live(self, version: str) -> Deployment:
        deployment = a_live_deployment(
            model_version=version,
            status=Status.DEPLOYING,
            requested_at=NOON + timedelta(minutes=int(version)),
            registered_at=a_version(version=version).registered_at,
            endpoint_name=f"hokus-iris-{version}",
            input_example=EXAMPLE,
        )
        self.store.add(deployment)
        set_desired(self.store, deployment)
        return self.store.activate(deployment)

    def called(self, deployment: Deployment, counts: CallCounts) -> None:
        self.state.counts.add(deployment.id, quarter_of(self.now.timestamp()), counts)

    def bake(self, **settings: Any) -> dict[str, Any]:
        """Run the task once, as the workflow does."""
        ports = ProvisionPorts(
            tallies=FakeTallyStore,
            serving_state=lambda: self.state,
            deployments=self.store,
            kept_logs=FakeKeptLogs(),
            ledger=FakeLedger(),
            provider=InMemoryProvider(control=self.control, inference=self.inference),
            registry=lambda: self.registry,
            now=lambda: self.now,
            sleep=lambda _seconds: None,
        )
        known = ProvisionSettings(table_name="t", installation="i", **settings)
        tasks = WorkflowTasks(ports=ports, settings=known)
        return tasks.run("bake", {"model_id": "iris", "deployment_id": self.live.id})

    def record(self, deployment: Deployment) -> Deployment:
        return self.store.deployments[deployment.id]

    def entry(self, deployment: Deployment, step: str = "bake") -> str | None:
        timeline = self.record(deployment).timeline
        return next((each.outcome for each in timeline if each.step == step), None)

    @property
    def live_version(self) -> str | None:
        live = self.store.live("iris")
        return live.model_version if live else None


@pytest.fixture
def model() -> Model:
    return Model()


def test_a_version_that_does_well_is_looked_at_again(model: Model) -> None:
    """Nothing is written, and version 1 is not called."""
    model.called(model.live, CallCounts(1_000, 2))
    before = model.record(model.live)

    assert {"outcome": "baking", "wait_s": 15} == model.bake()
    assert (before, []) == (model.record(model.live), model.inference.sent)


def test_the_last_look_is_at_the_end_of_the_window(model: Model) -> None:
    """Then it has held."""
    model.now = LIVE_SINCE + timedelta(seconds=595)
    assert {"outcome": "baking", "wait_s": 5} == model.bake()

    model.now = LIVE_SINCE + timedelta(seconds=600)
    assert {"outcome": "held"} == model.bake()
    assert "held" == model.entry(model.live)


def test_a_failing_version_is_taken_back(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    """After version 1 has answered its example; both say why, and the metric counts it."""
    model.called(model.live, FAILING)
    model.called(model.earlier, CallCounts(400, 1))

    result = model.bake()

    before = "version 1 had 1 in 400 before"
    figures = f"5 of its first 50 calls failed (10.0%); 2.0% are allowed, and {before}"
    reason = f"Taken back, version 1 serves again: {figures}."
    assert {"outcome": "taken_back", "reason": reason} == result
    failed, back = model.record(model.live), model.record(model.earlier)
    assert (Status.FAILED, reason, False) == (failed.status, failed.reason, failed.retryable)
    assert (Status.DEPLOYED, f"Serves again: version 2 was taken back, because {figures}.") == (
        back.status,
        back.reason,
    )
    assert {model.earlier.id} == {id_ for id_, _ in model.inference.sent}
    assert "1" == model.live_version
    (line,) = metric_lines(capsys.readouterr().out)
    assert 1 == line[TAKEN_BACK]


def test_a_lost_answer_is_given_again(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    """The task runs twice, and nothing is taken back twice."""
    model.called(model.live, FAILING)
    first = model.bake()
    before = model.store.state("iris")

    assert first == model.bake()
    assert before == model.store.state("iris")
    assert 2 == len(metric_lines(capsys.readouterr().out))


def test_calls_of_the_hour_before_count_for_the_earlier_version(model: Model) -> None:
    """It was as bad, so that nothing is gained by going back; what is older says nothing."""
    hour_ago = quarter_of((LIVE_SINCE - timedelta(minutes=50)).timestamp())
    model.state.counts.add(model.earlier.id, hour_ago, CallCounts(500, 50))
    model.called(model.live, FAILING)
    assert "baking" == model.bake()["outcome"]

    model.state.counts.kept.pop((model.earlier.id, hour_ago))
    model.state.counts.add(model.earlier.id, hour_ago - 4, CallCounts(500, 50))
    assert "taken_back" == model.bake()["outcome"]


def test_an_open_circuit_takes_a_version_back(model: Model) -> None:
    """However few calls there were."""
    circuit = model.state.circuits.get(model.live.id)
    for second in range(FAILURES_TO_OPEN):
        circuit = circuit.failed(second + 1.0, started_at=second + 0.5)
    model.state.circuits.kept[model.live.id] = circuit

    assert "taken_back" == model.bake()["outcome"]


@pytest.mark.parametrize(
    "error", [ModelFailedError("It broke."), ModelWarmingUpError("It sleeps.")], ids=repr
)
def test_nothing_changes_while_the_earlier_version_does_not_answer(
    model: Model, error: Exception
) -> None:
    """The timeline says so, once; when it answers, it serves again."""
    model.called(model.live, FAILING)
    model.inference.error = error

    assert {"outcome": "baking", "wait_s": 15} == model.bake()
    noted = model.record(model.live)
    assert "not taken back though 5 of its first 50" in (model.entry(model.live) or "")
    assert str(error) in (model.entry(model.live) or "")
    assert "baking" == model.bake()["outcome"]
    assert (noted, "2") == (model.record(model.live), model.live_version)
    model.inference.error = None
    assert "taken_back" == model.bake()["outcome"]


def test_a_version_without_an_example_must_be_healthy(model: Model) -> None:
    """Of the earlier one nothing else is known."""
    contract = replace(model.earlier.contract, input_example=None)
    stopped = model.record(model.earlier)
    model.store.deployments[model.earlier.id] = replace(stopped, contract=contract)
    model.called(model.live, FAILING)
    assert "baking" == model.bake()["outcome"]
    assert "The endpoint is gone." in (model.entry(model.live) or "")

    standing = endpoint_of(stopped, name="hokus-iris-1", revision=stopped.package.revision)
    model.control.endpoints["hokus-iris-1"] = standing
    assert "taken_back" == model.bake()["outcome"]


@pytest.mark.parametrize("how", ["deleted", "opted out"])
def test_a_version_that_may_not_serve_does_not_come_back(model: Model, how: str) -> None:
    """The reconciler would undeploy it at once."""
    model.called(model.live, FAILING)
    if how == "deleted":
        model.registry.delete("iris", "1")
    else:
        model.registry.tag("iris", "1", "hokus.deploy", "false")

    assert "baking" == model.bake()["outcome"]
    assert "deleted or opted out in MLflow" in (model.entry(model.live) or "")


def test_a_registry_that_is_down_stops_no_rollback(model: Model) -> None:
    """The reconciler follows when it is back."""
    model.called(model.live, FAILING)
    model.registry.error = ConnectionError("down")

    assert "taken_back" == model.bake()["outcome"]


@pytest.mark.parametrize("down", ["circuits", "counts"])
def test_a_table_that_is_down_is_asked_again(model: Model, down: str) -> None:
    """It says nothing of the version."""
    model.called(model.live, FAILING)
    getattr(model.state, down).down = True

    assert {"outcome": "baking", "wait_s": 15} == model.bake()


def test_without_automatic_rollback_the_window_is_waited_for(model: Model) -> None:
    """A person can still go back within it."""
    model.called(model.live, FAILING)

    assert {"outcome": "baking", "wait_s": 540} == model.bake(automatic_rollback=False)


@pytest.mark.parametrize("how", ["replaced", "undeployed", "removed", "handed over"])
def test_where_there_is_no_way_back_the_window_is_waited_for(model: Model, how: str) -> None:
    """What was replaced is kept as long as ever."""
    model.called(model.live, FAILING)
    if how == "replaced":
        model.go_live("3")
    elif how == "undeployed":
        nothing = replace(
            model.store.desired_deployments["iris"], deployment_id=None, model_version=None
        )
        model.store.desired_deployments["iris"] = nothing
        model.store.undeploy(model.live, reason="Undeployed by an operator.")
    elif how == "removed":
        model.store.begin_removal(model.earlier)
    else:
        again = a_live_deployment(status=Status.PENDING, requested_at=NOON + timedelta(hours=1))
        model.store.add(again)
        assert model.store.transfer_endpoint(model.record(model.earlier), again)

    assert {"outcome": "baking", "wait_s": 540} == model.bake()


def test_somebody_who_is_faster_wins(model: Model) -> None:
    """The version is replaced between the look and the rollback."""

    class Replacing(FakeInferenceClient):
        def invoke(self, *args: Any, **options: Any) -> Any:
            if model.live_version == "2":
                model.go_live("3")
            return super().invoke(*args, **options)

    model.called(model.live, FAILING)
    model.inference = Replacing([0.5])

    assert "baking" == model.bake()["outcome"]
    assert ("3", Status.STOPPED) == (model.live_version, model.record(model.live).status)


def test_a_version_without_a_time_of_its_own_has_held(model: Model) -> None:
    """A record from another way of going live."""
    timeless = replace(model.record(model.live), timeline=())
    model.store.deployments[model.live.id] = timeless

    assert {"outcome": "held"} == model.bake()


def test_bounds_are_settings(model: Model) -> None:
    """Of the environment."""
    model.called(model.live, FAILING)

    assert "baking" == model.bake(rollback_fault_share=0.1)["outcome"]
    assert "baking" == model.bake(rollback_min_calls=51)["outcome"]
    assert "held" == model.bake(rollback_window_s=60)["outcome"]
    assert {"outcome": "baking", "wait_s": 3} == model.bake(
        rollback_poll_s=3, rollback_fault_share=0.1
    )
