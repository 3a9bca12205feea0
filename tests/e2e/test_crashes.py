"""Functions that are killed at every task of the workflow, and executions that are stopped.

All of it happens to models of its own at the same time, since most of the time is spent waiting;
each test then looks at what has become of its model.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra.local.deployment import aws_client
from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e import candidates
from tests.e2e.candidates import BODY, CANDIDATES, DOUBLED
from tests.e2e.client import SOON_S, Client, soon
from tests.e2e.functions import TASKS, Functions

ONCE_EACH = ["before", "after"]
ALWAYS = ["after"] * 50
"""More often than any task is tried."""
IN_LAMBDA = Path(__file__).parent / "in_lambda"
BAD = next(candidate for candidate in CANDIDATES if candidate.name == "500 after ready")


@dataclass(frozen=True)
class Crashes:
    """Orders crashes, by task and model; see `in_lambda/crashing.py`.

    Attributes:
        tasks: All that there are.
    """

    folder: Path
    tasks: tuple[str, ...]

    def order(self, model: str, crashes: list[str], *tasks: str) -> None:
        """The next calls of each of *tasks* for *model* crash like this, one after the other."""
        for task in tasks:
            orders = self.folder / f"{task}@{model}"
            orders.with_suffix(".new").write_text(json.dumps(crashes))
            orders.with_suffix(".new").replace(orders)

    @property
    def so_far(self) -> set[tuple[str, ...]]:
        """Task and time of all crashes."""
        lines = (self.folder / "crashed").read_text().splitlines()
        return {tuple(line.split()) for line in lines}


@pytest.fixture(scope="module")
def crashes(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crashes]:
    """Every task's function with the entry that can crash."""
    folder = tmp_path_factory.mktemp("crashes")
    variables = {"CRASHES": str(folder), "PYTHONPATH": str(IN_LAMBDA)}
    functions = Functions(system)
    entries = {f"{TASKS}{task}": f"crashing.{task}" for task in functions.tasks}
    with functions.changed(dict.fromkeys(entries, variables), entries=entries):
        yield Crashes(folder, tuple(functions.tasks))


@dataclass(frozen=True)
class Scene:
    """What a story needs.

    Attributes:
        good, bad: Addresses of logged models.
    """

    system: LocalSystem
    client: Client
    crashes: Crashes
    good: str
    bad: str

    def register(self, name: str, uri: str) -> str:
        return candidates.registered(name, uri)

    def endpoints(self, name: str) -> list[str]:
        """All that the model has at the provider."""
        prefix = f"hokus-{name}-"
        return [each for each in self.client.endpoints() if each.startswith(prefix)]

    def wait_for_endpoints(self, name: str, number: int) -> None:
        """Until the model has only so many."""
        done = soon(lambda: len(self.endpoints(name)) == number)
        assert done, self.endpoints(name)

    def reconcile(self, name: str) -> list[str]:
        """What has been changed."""
        report = self.client.reconcile(name).raise_for_status().json()
        assert 0 == report["failed"], report
        return [change["change"] for change in report["changes"]]

    def wait_for_change(self, name: str, wanted: str) -> None:
        """Reconcile until *wanted* is among the changes: some things have to be old first."""
        seen: list[list[str]] = []

        def is_there() -> bool:
            seen.append(self.reconcile(name))
            return wanted in seen[-1]

        assert wait_for(is_there, timeout_s=SOON_S, every_s=2), seen

    def execution_of(self, name: str) -> str:
        """The model's only execution that runs, its ARN."""
        machines = aws_client("stepfunctions", self.system.aws_url)
        (machine,) = machines.list_state_machines()["stateMachines"]
        running = machines.list_executions(
            stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
        )["executions"]
        arns = [each["executionArn"] for each in running]
        inputs = [machines.describe_execution(executionArn=arn)["input"] for arn in arns]
        (found,) = [
            arn
            for arn, given in zip(arns, inputs, strict=True)
            if json.loads(given)["model_id"] == name
        ]
        return str(found)


type Story = Callable[[Scene, str], None]


def once_at_every_task_to_live(scene: Scene, name: str) -> None:
    """Before and after the work of each, and the model is live all the same."""
    to_live = [task for task in scene.crashes.tasks if task not in {"retire", "clean_up"}]
    scene.crashes.order(name, ONCE_EACH, *to_live)
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "1")


def once_at_retire(scene: Scene, name: str) -> None:
    """The replaced endpoint is deleted all the same."""
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "1")
    scene.crashes.order(name, ONCE_EACH, "retire")
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "2")


def once_at_clean_up(scene: Scene, name: str) -> None:
    """The failed version's endpoint is deleted all the same, with the reason kept."""
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "1")
    scene.crashes.order(name, ONCE_EACH, "clean_up")
    version = scene.register(name, scene.bad)
    ended = scene.client.wait_until_ended(name, version)
    assert ("failed", True) == (ended["status"], BAD.words[0] in ended["reason"]), ended


def always_at_check(scene: Scene, name: str) -> None:
    """It fails, saying where; the next reconciliation tries again."""
    scene.crashes.order(name, ALWAYS, "check")
    scene.register(name, scene.good)
    ended = scene.client.wait_until_ended(name, "1")
    assert "failed" == ended["status"], ended
    assert "step" in ended["reason"], ended
    scene.crashes.order(name, [], "check")
    assert "Deploy" in scene.reconcile(name)
    scene.client.wait_until_serving(name, "1")


def always_at_activate(scene: Scene, name: str) -> None:
    """It is live though the workflow never heard so; reconciling removes what it replaced."""
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "1")
    scene.crashes.order(name, ALWAYS, "activate")
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "2")
    scene.wait_for_change(name, "Remove")


def always_at_clean_up(scene: Scene, name: str) -> None:
    """The execution fails with the endpoint still there; reconciling removes it."""
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "1")
    scene.crashes.order(name, ["before"] * len(ALWAYS), "clean_up")
    version = scene.register(name, scene.bad)
    assert soon(lambda: len(scene.endpoints(name)) == 2)
    stuck = scene.execution_of(name)
    machines = aws_client("stepfunctions", scene.system.aws_url)
    assert soon(lambda: machines.describe_execution(executionArn=stuck)["status"] == "FAILED")
    scene.crashes.order(name, [], "clean_up")
    scene.wait_for_change(name, "Restart")
    ended = scene.client.wait_until_ended(name, version)
    assert ("failed", True) == (ended["status"], BAD.words[0] in ended["reason"]), ended


def stopped_in_the_middle(scene: Scene, name: str) -> None:
    """A person stops the execution; reconciling starts another one, which finishes the work."""
    scene.register(name, scene.good)
    assert soon(lambda: bool(scene.endpoints(name)))
    machines = aws_client("stepfunctions", scene.system.aws_url)
    machines.stop_execution(executionArn=scene.execution_of(name))
    scene.wait_for_change(name, "Restart")
    scene.client.wait_until_serving(name, "1")


STORIES: tuple[tuple[Story, str], ...] = (
    # The version that serves in the end.
    (stopped_in_the_middle, "1"),
    (always_at_clean_up, "1"),
    (once_at_every_task_to_live, "1"),
    (once_at_retire, "2"),
    (once_at_clean_up, "1"),
    (always_at_check, "1"),
    (always_at_activate, "2"),
)


@dataclass(frozen=True)
class Told:
    """A story under way."""

    name: str
    end: Future[None]


@pytest.fixture(scope="module")
def stories(
    system: LocalSystem, operator: Client, crashes: Crashes
) -> Iterator[tuple[Scene, dict[Story, Told]]]:
    """All of them, begun at once."""
    scene = Scene(system, operator, crashes, candidates.logged(), candidates.logged(BAD))
    with ThreadPoolExecutor(len(STORIES)) as pool:
        told = {}
        for number, (story, _) in enumerate(STORIES):
            name = f"crash-{number}-{uuid4().hex[:6]}"
            told[story] = Told(name, pool.submit(story, scene, name))
        yield scene, told
    for each in told.values():
        operator.undeploy(each.name)


@pytest.mark.parametrize(
    ("story", "version"), STORIES, ids=[story.__name__ for story, _ in STORIES]
)
def test_a_crash_is_brought_home(
    stories: tuple[Scene, dict[Story, Told]], story: Story, version: str
) -> None:
    """In the end the wished version serves, right, from the model's only endpoint."""
    scene, told = stories
    name = told[story].name

    told[story].end.result()

    serving: dict[str, Any] = scene.client.wait_until_serving(name, version)
    scene.wait_for_endpoints(name, 1)
    assert scene.client.endpoints_of(serving) == scene.endpoints(name)
    assert DOUBLED == scene.client.predict(name, BODY).json()["predictions"]


def test_every_task_has_crashed(stories: tuple[Scene, dict[Story, Told]], crashes: Crashes) -> None:
    """Before its work, and after it with the answer lost."""
    for each in stories[1].values():
        each.end.result()

    missing = {(task, when) for task in crashes.tasks for when in ONCE_EACH} - crashes.so_far
    assert set() == missing
