"""Stories of functions that are killed and of executions that are stopped.

They play at the same time, each on a model of its own, since most of that time is spent waiting.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from functions.common.deployments.record import utc_text
from infra.local.deployment import aws_client
from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e import candidates
from tests.e2e.candidates import CANDIDATES
from tests.e2e.client import SOON_S, Client, soon

TRIES = 4
"""How often the local stack calls a task before it gives up; cleaning up more often."""
ALWAYS = 50
TABLE = "deployed_models"
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


@dataclass(frozen=True)
class Scene:
    """What a story needs.

    Attributes:
        machines: Step Functions.
        table: DynamoDB.
        good, bad: Addresses of logged models.
    """

    machines: Any
    table: Any
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
        """What has been changed; nothing that is known of while it is still at it."""
        answer = self.client.reconcile(name).raise_for_status()
        report = answer.json()
        if answer.status_code == httpx.codes.ACCEPTED:
            return []
        assert 0 == report["failed"], report
        return [change["change"] for change in report["changes"]]

    def wait_for_change(self, name: str, wanted: str) -> None:
        """Reconcile until *wanted* is among the changes: some things have to be old first."""
        seen: list[list[str]] = []

        def is_there() -> bool:
            seen.append(self.reconcile(name))
            return wanted in seen[-1]

        assert wait_for(is_there, timeout_s=SOON_S, every_s=5), seen

    def execution_of(self, name: str, version: str) -> str:
        """The ARN of the execution that brings the version up; it runs."""
        deployment = self.client.deployment(name, version)
        (machine,) = self.machines.list_state_machines()["stateMachines"]
        running = self.machines.list_executions(
            stateMachineArn=machine["stateMachineArn"], statusFilter="RUNNING"
        )["executions"]
        assert deployment is not None
        (found,) = [each for each in running if each["name"].startswith(deployment["id"])]
        return str(found["executionArn"])

    def status_of(self, execution: str) -> str:
        return str(self.machines.describe_execution(executionArn=execution)["status"])

    def wait_for_restart(self, name: str) -> None:
        """Reconcile until it is seen that nothing works on the model's deployment any more."""

        def is_seen() -> bool:
            self._let_a_minute_pass(name)
            return "Restart" in self.reconcile(name)

        assert wait_for(is_seen, timeout_s=SOON_S, every_s=2)

    def _let_a_minute_pass(self, name: str) -> None:
        """On record: only what nobody has worked on for a while counts as stuck."""
        then = utc_text(datetime.now(UTC) - timedelta(seconds=61))
        found = self.table.query(
            TableName=TABLE,
            KeyConditionExpression="model_id = :name",
            ExpressionAttributeValues={":name": {"S": name}},
        )["Items"]
        for item in found:
            if item.get("status", {}).get("S") in {"pending", "deploying"}:
                self.table.update_item(
                    TableName=TABLE,
                    Key={"model_id": item["model_id"], "id": item["id"]},
                    UpdateExpression="SET updated_at = :then",
                    ExpressionAttributeValues={":then": {"S": then}},
                )

    def is_undone(self, name: str, version: str) -> None:
        """The bad version has failed for its own cause."""
        ended = self.client.wait_until_ended(name, version)
        assert "failed" == ended["status"], ended
        assert BAD.words[0] in ended["reason"], ended


type Story = Callable[[Scene, str], str]
"""Plays on a model of its own; the version that serves in the end."""


def killed_once_at_every_task(scene: Scene, name: str) -> str:
    """A first version goes live, a second replaces it, and a third fails, all the same."""
    to_live = [task for task in scene.crashes.tasks if task not in {"retire", "clean_up"}]
    scene.crashes.order(name, ["after"], *to_live)
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "1")
    scene.crashes.order(name, ["after"], "retire")
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "2")
    scene.wait_for_endpoints(name, 1)
    assert soon(lambda: ("retire", "after") in scene.crashes.so_far)
    scene.crashes.order(name, ["after"], "clean_up")
    scene.is_undone(name, scene.register(name, scene.bad))
    return "2"


def killed_until_all_retries_are_used_up(scene: Scene, name: str) -> str:
    """What comes up is tried again as a whole; what could not be cleaned up is later."""
    scene.crashes.order(name, ["before"] * TRIES, "check")
    scene.register(name, scene.good)
    ended = scene.client.wait_until_ended(name, "1")
    assert "could not be completed after several attempts" in ended["reason"], ended
    scene.client.wait_until_serving(name, "1", other_than=ended["id"])

    scene.crashes.order(name, ["before"] * ALWAYS, "clean_up")
    version = scene.register(name, scene.bad)
    assert soon(lambda: len(scene.endpoints(name)) == 2)
    execution = scene.execution_of(name, version)
    assert soon(lambda: scene.status_of(execution) == "FAILED")
    scene.crashes.order(name, [], "clean_up")
    scene.wait_for_restart(name)
    scene.is_undone(name, version)
    return "1"


def stopped_and_never_heard_of(scene: Scene, name: str) -> str:
    """Somebody stops the execution; the next version goes live, but its workflow never hears so.

    Reconciling starts the one again, and removes what the other has replaced.
    """
    scene.register(name, scene.good)
    assert soon(lambda: bool(scene.endpoints(name)))
    execution = scene.execution_of(name, "1")
    scene.machines.stop_execution(executionArn=execution)
    scene.wait_for_restart(name)
    scene.client.wait_until_serving(name, "1")

    scene.crashes.order(name, ["after"] * ALWAYS, "activate")
    scene.register(name, scene.good)
    scene.client.wait_until_serving(name, "2")
    scene.wait_for_change(name, "Remove")
    return "2"


# Those first that wait longest.
STORIES: tuple[Story, ...] = (
    stopped_and_never_heard_of,
    killed_until_all_retries_are_used_up,
    killed_once_at_every_task,
)


@dataclass(frozen=True)
class Told:
    """A story under way."""

    name: str
    end: Future[str]


type Telling = tuple[Scene, dict[Story, Told]]


@contextmanager
def telling(
    system: LocalSystem, operator: Client, crashes: Crashes, *, good: str, bad: str
) -> Iterator[Telling]:
    """All of them, begun at once; *good* and *bad* are addresses of logged models."""
    machines = aws_client("stepfunctions", system.aws_url)
    table = aws_client("dynamodb", system.aws_url)
    scene = Scene(machines, table, operator, crashes, good, bad)
    with ThreadPoolExecutor(len(STORIES)) as pool:
        told = {}
        for number, story in enumerate(STORIES):
            name = f"crash-{number}-{uuid4().hex[:6]}"
            told[story] = Told(name, pool.submit(story, scene, name))
        yield scene, told
