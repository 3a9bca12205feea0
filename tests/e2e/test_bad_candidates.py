"""Bad versions of live models, one after another, while clients call those models all the time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.local.system import LocalSystem
from tests.e2e import candidates
from tests.e2e.candidates import BODY, CANDIDATES, DOUBLED, Candidate
from tests.e2e.client import Client, soon
from tests.e2e.functions import TASKS, Functions
from tests.e2e.provider import Provider

LIVE_MODELS = 3
BETWEEN_CALLS_S = 0.2
RIGHT = {"model_version": "1", "predictions": DOUBLED}
# As an impatient installation has them, so that the silent and the unhealthy take less long.
IMPATIENT = {
    "check": {"ENDPOINT_DEADLINE_S": "45"},
    "prove": {"PROVE_TIMEOUT_S": "6", "PROVE_TIMES": "3"},
}


@dataclass(frozen=True)
class Verdict:
    """What became of a candidate."""

    deployment: dict[str, Any]
    endpoint_is_gone: bool


@dataclass(frozen=True)
class Live:
    """A good version that serves.

    Attributes:
        files: How an endpoint starts that serves this one's files instead of its own.
    """

    deployment: dict[str, Any]
    files: dict[str, Any]


@dataclass
class Traffic:
    """Calls that never stop, and what was wrong with their answers."""

    calls: int = 0
    wrong: list[str] = field(default_factory=list)

    def flow(self, system: LocalSystem, names: list[str], stop: Event) -> None:
        """Call one model after the other until *stop*."""
        with Client(system) as client:
            while not stop.wait(BETWEEN_CALLS_S):
                self._call(client, names[self.calls % len(names)])

    def _call(self, client: Client, name: str) -> None:
        self.calls += 1
        try:
            answer = client.predict(name, BODY)
            right = answer.is_success and RIGHT.items() <= answer.json().items()
            said = "" if right else f"{answer.status_code} {answer.text}"
        except httpx.HTTPError as error:
            said = repr(error)
        if said:
            self.wrong.append(said)


@dataclass
class Trial:
    """Candidates as the next versions of live models: what became of them, what clients saw.

    Attributes:
        live: The good version, by model.
    """

    live: dict[str, Live]
    client: Client
    provider: Provider
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    traffic: Traffic = field(default_factory=Traffic)

    def judge(self, name: str, waiting: "SimpleQueue[tuple[Candidate, str] | None]") -> None:
        """Register one candidate after the other as versions of the model *name*."""
        while following := waiting.get():
            candidate, uri = following
            if start := self._start_of(candidate, name):
                self.provider.order_start(name, **start)
            version = candidates.registered(name, uri)
            ended = self.client.wait_until_ended(name, version)
            self.verdicts[candidate.name] = Verdict(ended, self._is_gone(ended))

    def _is_gone(self, deployment: dict[str, Any]) -> bool:
        ended_badly = deployment["status"] == "failed"
        return ended_badly and soon(lambda: not self.client.endpoints_of(deployment))

    def _start_of(self, candidate: Candidate, name: str) -> dict[str, Any]:
        """What the provider does to its endpoint."""
        return dict(self.live[name].files if candidate.served_by_another else candidate.start)


@contextmanager
def flowing(traffic: Traffic, system: LocalSystem, names: list[str]) -> Iterator[None]:
    """Calls for as long as the block lasts."""
    stop = Event()
    with ThreadPoolExecutor() as pool:
        calling = pool.submit(traffic.flow, system, names, stop)
        try:
            yield
        finally:
            stop.set()
    calling.result()


@contextmanager
def impatient(system: LocalSystem) -> Iterator[None]:
    """The silent and the unhealthy are given up earlier."""
    variables = {f"{TASKS}{task}": told for task, told in IMPATIENT.items()}
    with Functions(system).changed(variables):
        yield


def live_models(client: Client) -> dict[str, Live]:
    """Models whose first version, a good one, is live."""
    names = [f"good-{n}-{uuid4().hex[:6]}" for n in range(LIVE_MODELS)]
    good = candidates.logged()
    for name in names:
        candidates.registered(name, good)
    return {name: went_live(client, name) for name in names}


def went_live(client: Client, name: str) -> Live:
    """The model's first version, once it serves."""
    deployment = client.wait_until_live(name, "1")
    (endpoint,) = client.endpoints_of(deployment)
    model = client.endpoints()[endpoint]["model"]
    files = {"serve_repository": model["repository"], "serve_revision": model["revision"]}
    return Live(deployment, files)


@pytest.fixture(scope="module")
def trial(system: LocalSystem, operator: Client, provider: Provider) -> Iterator[Trial]:
    """All candidates have ended."""
    live = live_models(operator)
    trial = Trial(live, operator, provider)
    waiting = SimpleQueue[tuple[Candidate, str] | None]()
    with impatient(system), flowing(trial.traffic, system, [*live]), ThreadPoolExecutor() as pool:
        judging = [pool.submit(trial.judge, name, waiting) for name in live]
        try:
            for candidate in CANDIDATES:
                waiting.put((candidate, candidates.logged(candidate)))
        finally:
            for _ in judging:
                waiting.put(None)
        for each in judging:
            each.result()
    yield trial
    for name in live:
        operator.undeploy(name)


@pytest.mark.parametrize("candidate", CANDIDATES, ids=str)
def test_a_bad_candidate_fails_for_its_cause(trial: Trial, candidate: Candidate) -> None:
    """The reason names it, and its endpoint is deleted."""
    verdict = trial.verdicts[candidate.name]

    reason = str(verdict.deployment["reason"])
    assert "failed" == verdict.deployment["status"]
    assert [] == [words for words in candidate.words if words not in reason], reason
    assert verdict.endpoint_is_gone


def test_no_client_has_noticed(trial: Trial) -> None:
    """Every answer was the good version's, and right."""
    assert [] == trial.traffic.wrong
    assert trial.traffic.calls > len(CANDIDATES)


def test_the_good_version_still_serves(trial: Trial, client: Client) -> None:
    """On its own endpoint, which is the only one that is left of each model."""
    names = list(client.endpoints())
    for model, live in trial.live.items():
        serving = client.serving(model)
        assert serving is not None
        assert live.deployment["id"] == serving["id"]
        left = [name for name in names if name.startswith(f"hokus-{model}-")]
        assert client.endpoints_of(live.deployment) == left
