"""A deployment completes even if the functions that work on it are killed.

Given a system whose functions can be killed at any task, when every task crashes once, when a task
crashes on every retry, or when somebody stops an execution, then reconciling repairs what was left:
the requested version serves, and it has the model's only endpoint.
"""

import pytest

from tests.e2e.support.crash_injection import CrashInjector
from tests.e2e.support.crash_scenarios import (
    SCENARIOS,
    CrashTestRun,
    Scenario,
    killed_once_at_every_task,
)
from tests.e2e.support.doubling_model import BODY, DOUBLED

pytestmark = pytest.mark.begun_early("crash_run")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[each.__name__ for each in SCENARIOS])
def test_the_requested_version_serves_after_crashes(
    crash_run: CrashTestRun, scenario: Scenario
) -> None:
    """It predicts correctly, from the model's only endpoint."""
    run, control = crash_run.runs[scenario], crash_run.test.control

    version = run.served_version.result()

    serving = control.client.wait_until_serving(run.model, version)
    control.wait_for_endpoint_count(run.model, 1)
    assert control.client.endpoints_of(serving) == control.endpoints(run.model)
    assert DOUBLED == control.client.predict(run.model, BODY).json()["predictions"]


def test_every_task_has_crashed_after_its_work(
    crash_run: CrashTestRun, crashes: CrashInjector
) -> None:
    """The scenario killed each task when its work was done and its result not yet returned."""
    crash_run.runs[killed_once_at_every_task].served_version.result()

    assert set() == {(task, "after") for task in crashes.tasks} - crashes.crashes
