"""A new version whose answer to its example changes is taken back within the rollback window."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.answers.fingerprint import Fingerprint
from functions.common.circuits.state import AWAKE_FOR_S, CircuitState
from functions.common.deployments.record import Deployment, Status
from functions.common.errors import ProviderTimeoutError
from functions.provision.rollback.asking import CHANGED_ANSWER, is_asked_now
from functions.provision.rollback.policy import RollbackPolicy
from functions.provision.rollback.rule import RollbackBounds
from functions.provision.rollback.sight import Sight
from functions.provision.tasks.answer_check import AnswerCheck
from functions.provision.tasks.baking import Baking
from functions.provision.tasks.readiness import Readiness
from functions.provision.tasks.runner import TaskOutcome
from functions.provision.tasks.smoke_test import SmokeTest
from tests.builders import NOON, a_deployment, a_live_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.serving_state import a_serving_state

POLICY = RollbackPolicy(
    automatic=True,
    window_s=600,
    poll_s=15,
    bounds=RollbackBounds(fault_share=0.02, min_calls=20),
)
OLD, NEW, OTHER = [0], [1], [2]
VERIFIED: dict[str, Any] = {
    "input_example": {"inputs": [[5.1]]},
    "endpoint_name": "hokus-iris-0123abcd",
    "endpoint_url": "https://abcdefghijklmnop.us-east-1.aws.endpoints.huggingface.cloud",
    "min_replicas": 1,
}


class Bake:
    """Version 2, live since noon in place of version 1, whose endpoint still stands."""

    def __init__(self, *answers: Any) -> None:
        self.store = FakeDeploymentStore(now=lambda: NOON)
        self.state = a_serving_state()
        self.inference = FakeInferenceClient(NEW, script=answers)
        self._activated("1", OLD, requested=NOON)
        self.live = self._activated("2", NEW, requested=NOON + timedelta(seconds=1))

    def look(self, *, after_s: float) -> TaskOutcome:
        """Run the task *after_s* seconds after the version went live."""
        now = NOON + timedelta(seconds=after_s)
        registry = FakeModelRegistry(a_version(), a_version(version="2"))
        settings: dict[str, Any] = {"inference": self.inference, "timeout_s": 25}
        baking = Baking(
            store=self.store,
            sight=lambda: Sight(state=self.state, registry=lambda: registry),
            answers=AnswerCheck(**settings, tolerance=1e-4),
            smoke_test=SmokeTest(**settings, times=1, max_latency_s=2, answer_tolerance=1e-4),
            readiness=Readiness(
                control=FakeEndpointControl(),
                inference=self.inference,
                deadline_s=900,
                now=lambda: now,
            ),
            rollback=POLICY,
            now=lambda: now,
        )
        return baking.bake(self.live)

    def _activated(self, version: str, answer: Any, *, requested: Any) -> Deployment:
        fingerprint = Fingerprint.of(answer).text
        deployment = a_deployment(
            model_version=version,
            requested_at=requested,
            answer_fingerprint=fingerprint,
            **VERIFIED,
        )
        self.store.add(deployment)
        set_desired(self.store, deployment)
        return self.store.activate(deployment)


def test_a_version_that_answers_as_it_was_verified_stays() -> None:
    bake = Bake()

    assert "baking" == bake.look(after_s=60).name
    assert 1 == len(bake.inference.sent)


def test_a_version_that_answers_otherwise_is_taken_back() -> None:
    """The version before answers as it did, and serves again."""
    bake = Bake(OTHER, OLD, OLD)

    outcome = bake.look(after_s=60)

    assert ("taken_back", True) == (outcome.name, CHANGED_ANSWER in (outcome.reason or ""))
    live = bake.store.live("iris")
    assert live
    assert "1" == live.model_version


def test_a_version_stays_whose_predecessor_answers_otherwise_as_well() -> None:
    """Something beneath both has changed, a clock or a service: going back does not help."""
    bake = Bake(OTHER, OTHER, OTHER)

    outcome = bake.look(after_s=60)

    assert "baking" == outcome.name
    assert outcome.changed
    assert "though it serves the same files" in outcome.changed.timeline[-1].outcome


def test_a_predecessor_that_answers_otherwise_is_better_than_a_version_that_fails() -> None:
    bake = Bake(OTHER, OTHER)
    circuit = CircuitState()
    for second in range(5):
        circuit = circuit.failed(second + 1.0, started_at=second + 0.5)
    assert bake.state.circuits.replace(bake.live.id, CircuitState(), circuit)

    assert "taken_back" == bake.look(after_s=60).name
    found = bake.store.get("iris", bake.live.id)
    assert found
    assert Status.FAILED is found.status


def test_a_version_that_does_not_answer_is_left_to_its_circuit() -> None:
    assert "baking" == Bake(ProviderTimeoutError("x")).look(after_s=60).name


def test_it_is_asked_about_once_a_minute_and_at_the_end() -> None:
    """A look every 15 seconds, each a moment late."""
    bake = Bake()
    asked_at = []
    for number in range(40):
        before = len(bake.inference.sent)
        bake.look(after_s=number * 15 + 0.5)
        if len(bake.inference.sent) > before:
            asked_at.append(number * 15)

    assert [*range(0, 600, 60), 570, 585] == asked_at


@pytest.mark.parametrize(
    ("min_replicas", "answered_s_ago", "asked"),
    [(1, 9_000, True), (0, 9_000, False), (None, 9_000, False), (0, AWAKE_FOR_S - 1, True)],
)
def test_an_endpoint_that_may_sleep_is_asked_while_callers_keep_it_awake(
    min_replicas: int | None, answered_s_ago: float, asked: bool
) -> None:
    """In a window of hours."""
    live = changed(a_live_deployment(), min_replicas=min_replicas)
    now = NOON + timedelta(hours=5)
    circuit = CircuitState(answered_at=now.timestamp() - answered_s_ago)

    assert asked == is_asked_now(live, circuit, POLICY, since=NOON, now=now)


@pytest.mark.parametrize("circuit", [CircuitState().asleep(1.0), CircuitState().not_ready(1.0)])
def test_an_endpoint_that_starts_or_is_paused_is_not_asked(circuit: CircuitState) -> None:
    now = NOON + timedelta(seconds=1)

    assert not is_asked_now(a_live_deployment(min_replicas=1), circuit, POLICY, since=NOON, now=now)
