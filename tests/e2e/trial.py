"""Bad versions tried on live models, while clients call those models all the time."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event
from typing import Any
from uuid import uuid4

import httpx

from infra.local.system import LocalSystem
from tests.e2e import candidates
from tests.e2e.candidates import BODY, CANDIDATES, DOUBLED, Candidate
from tests.e2e.client import Client, soon
from tests.e2e.provider import Provider

type Uris = Mapping[str, str]
"""Where the candidates, by name, and the good model, `good`, are logged."""

LIVE_MODELS = 3
BETWEEN_CALLS_S = 0.2
RIGHT = {"model_version": "1", "predictions": DOUBLED}


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


def live_models(client: Client, good: str) -> dict[str, Live]:
    """Models whose first version, logged at *good*, is live."""
    names = [f"good-{n}-{uuid4().hex[:6]}" for n in range(LIVE_MODELS)]
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


def tried(system: LocalSystem, client: Client, provider: Provider, uris: Uris) -> Trial:
    """The trial of all candidates, logged at *uris*, once they have ended."""
    trial = Trial(live_models(client, uris["good"]), client, provider)
    waiting = SimpleQueue[tuple[Candidate, str] | None]()
    for candidate in CANDIDATES:
        waiting.put((candidate, uris[candidate.name]))
    for _ in trial.live:
        waiting.put(None)
    with flowing(trial.traffic, system, [*trial.live]), ThreadPoolExecutor() as pool:
        for judging in [pool.submit(trial.judge, name, waiting) for name in trial.live]:
            judging.result()
    return trial
