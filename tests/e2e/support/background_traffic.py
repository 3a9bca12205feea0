"""Prediction calls that run in the background while a test does something else."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import httpx

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.doubling_model import BODY, DOUBLED

PAUSE_BETWEEN_CALLS_S = 0.2
EXPECTED = {"model_version": "1", "predictions": DOUBLED}


@dataclass
class BackgroundTraffic:
    """Calls of version 1 of several doubling models, in turn.

    Attributes:
        calls: Number of calls so far.
        errors: Every answer that was not version 1's right one, as text.
    """

    calls: int = 0
    errors: list[str] = field(default_factory=list)

    @contextmanager
    def running(self, system: LocalSystem, models: list[str]) -> Iterator[None]:
        """Call *models* for as long as the block lasts."""
        stop = Event()
        with ThreadPoolExecutor() as pool:
            calling = pool.submit(self._call_until, stop, system, models)
            try:
                yield
            finally:
                stop.set()
        calling.result()

    def _call_until(self, stop: Event, system: LocalSystem, models: list[str]) -> None:
        with ApiClient(system) as client:
            while not stop.wait(PAUSE_BETWEEN_CALLS_S):
                self._call(client, models[self.calls % len(models)])

    def _call(self, client: ApiClient, model: str) -> None:
        self.calls += 1
        try:
            answer = client.predict(model, BODY)
        except httpx.HTTPError as error:
            self.errors.append(repr(error))
            return
        if not (answer.is_success and EXPECTED.items() <= answer.json().items()):
            self.errors.append(f"{answer.status_code} {answer.text}")
