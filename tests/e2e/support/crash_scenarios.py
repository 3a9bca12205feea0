"""Scenarios in which functions are killed and executions are stopped.

They run at the same time, each on a model of its own, because most of their time is waiting.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from tests.e2e.support.bad_versions import RAISES_AT_PREDICTION
from tests.e2e.support.crash_injection import CrashInjector
from tests.e2e.support.doubling_model import register_version
from tests.e2e.support.waiting import DEPLOYMENT_TIMEOUT_S, eventually
from tests.e2e.support.workflow_control import WorkflowControl

ATTEMPTS = 4
"""Calls of a task before the local workflow gives up; `clean_up` is called more often."""
EVERY_ATTEMPT = 50
"""More crashes than any task has attempts."""


@dataclass(frozen=True)
class CrashTest:
    """A system under test, its crash injector and its models.

    Attributes:
        good, bad: URIs of a sound model and of one that fails verification.
    """

    control: WorkflowControl
    crashes: CrashInjector
    good: str
    bad: str

    def assert_failed_for_its_fault(self, model: str, version: str) -> None:
        """Wait for the bad *version* to end; it must have failed for its own fault."""
        ended = self.control.client.wait_until_ended(model, version)
        assert "failed" == ended["status"], ended
        assert RAISES_AT_PREDICTION.reason[0] in ended["reason"], ended


type Scenario = Callable[[CrashTest, str], str]
"""Runs on the model of that name; returns the version that must serve in the end."""


def killed_once_at_every_task(test: CrashTest, model: str) -> str:
    """Crash every task once: a first version goes live, a second replaces it, a third fails."""
    client, crashes = test.control.client, test.crashes
    later = {"agree", "retire", "clean_up"}
    up_to_live = [task for task in crashes.tasks if task not in later]

    crashes.crash(model, ["after"], *up_to_live)
    register_version(model, test.good)
    client.wait_until_serving(model, "1")

    crashes.crash(model, ["after"], "agree", "retire")
    register_version(model, test.good, {"hokus.agreement": "report"})
    client.wait_until_serving(model, "2")
    test.control.wait_for_endpoint_count(model, 1)
    assert eventually(lambda: ("retire", "after") in crashes.crashes)

    crashes.crash(model, ["after"], "clean_up")
    bad_version = register_version(model, test.bad)
    test.assert_failed_for_its_fault(model, bad_version)
    return "2"


def killed_until_all_retries_are_used_up(test: CrashTest, model: str) -> str:
    """Crash every attempt: a deployment is started again, a clean-up is done later."""
    client, crashes, control = test.control.client, test.crashes, test.control

    crashes.crash(model, ["before"] * ATTEMPTS, "check")
    register_version(model, test.good)
    # The next attempt begins at once.
    ended = client.wait_until_failed(model, "1", times=1)
    assert "could not be completed after several attempts" in ended["reason"], ended
    client.wait_until_serving(model, "1", other_than=ended["id"])

    crashes.crash(model, ["before"] * EVERY_ATTEMPT, "clean_up")
    bad_version = register_version(model, test.bad)
    control.wait_for_endpoint_count(model, 2)
    execution = control.running_execution(model, bad_version)
    assert eventually(lambda: control.execution_status(execution) == "FAILED")

    crashes.crash(model, [], "clean_up")
    control.reconcile_until_restarted(model, bad_version)
    test.assert_failed_for_its_fault(model, bad_version)
    return "1"


def stopped_and_never_notified(test: CrashTest, model: str) -> str:
    """Stop an execution, then let another crash after its version went live.

    Reconciling starts the first one again, and deletes what the second one's version replaced.
    """
    client, crashes, control = test.control.client, test.crashes, test.control

    register_version(model, test.good)
    assert eventually(lambda: bool(control.endpoints(model)), timeout_s=DEPLOYMENT_TIMEOUT_S)
    control.stop_execution(control.running_execution(model, "1"))
    control.reconcile_until_restarted(model, "1")
    client.wait_until_serving(model, "1")

    crashes.crash(model, ["after"] * EVERY_ATTEMPT, "activate")
    register_version(model, test.good)
    client.wait_until_serving(model, "2")
    control.reconcile_until_changed(model, "Remove")
    return "2"


# The one that waits longest starts first.
SCENARIOS: tuple[Scenario, ...] = (
    stopped_and_never_notified,
    killed_until_all_retries_are_used_up,
    killed_once_at_every_task,
)


@dataclass(frozen=True)
class ScenarioRun:
    """A scenario that is running; *served_version* is what it returns."""

    model: str
    served_version: Future[str]


@dataclass(frozen=True)
class CrashTestRun:
    """All scenarios, running."""

    test: CrashTest
    runs: dict[Scenario, ScenarioRun]


@contextmanager
def run_scenarios(test: CrashTest) -> Iterator[CrashTestRun]:
    """Start all scenarios at once; wait for them when the block ends."""
    with ThreadPoolExecutor(len(SCENARIOS)) as pool:
        runs = {}
        for number, scenario in enumerate(SCENARIOS):
            model = f"crash-{number}-{uuid4().hex[:6]}"
            runs[scenario] = ScenarioRun(model, pool.submit(scenario, test, model))
        yield CrashTestRun(test, runs)
