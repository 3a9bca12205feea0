"""Callers, and what each of them counts of its own calls."""

import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import httpx

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient, path_of
from tests.e2e.support.api_keys import new_key

USERS = ("ada", "ben", "cleo", "dora", "emil")
STEADY, FRAGILE, SLEEPY = "steady", "fragile", "sleepy"
MODELS = (STEADY, FRAGILE, SLEEPY)
UNKNOWN = "nowhere"
"""A name that no model has."""
_GOOD = {"dataframe_records": [{"x": 1.0}, {"x": 2.0}]}
_TOO_LARGE = {"dataframe_records": [{"x": 5_000.0}]}
"""At which the model itself fails, where it is fragile."""
_WRONG = {"dataframe_records": [{"y": "one"}]}
_TOTAL = re.compile(r"total;dur=([\d.]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A call that was made, and how it was answered.

    Attributes:
        version: Of the model that answered; empty where none did.
        client_ms: From before the call until its whole answer was there.
        server_ms: What the answer itself says (`Server-Timing`).
    """

    user: str
    model: str
    version: str
    status: int
    code: str
    request_id: str
    client_ms: float
    server_ms: float

    @property
    def is_fault(self) -> bool:
        return self.status >= 500


class Callers:
    """Five users, each with a key and a connection of its own; each calls one call at a time."""

    def __init__(self, system: LocalSystem) -> None:
        self._clients = {
            user: ApiClient(
                system, key=new_key(system, answer={"user_id": user, "key_id": f"key-{user}"})
            )
            for user in USERS
        }
        self.made: list[Made] = []

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            client.http.close()

    def call(self, number: int, *, models: Sequence[str] = MODELS) -> None:
        """Make *number* calls of *models* side by side; one in ten is wrong in some way.

        The first user makes a third of them, the second a fourth, and so on.
        """
        shares = [1 / (3 + rank) for rank in range(len(USERS))]
        counts = [round(number * share / sum(shares)) for share in shares]
        counts[0] += number - sum(counts)
        with ThreadPoolExecutor(len(USERS)) as pool:
            every = [
                pool.submit(self._calls_of, user, list(islice(_script(models, offset), count)))
                for offset, (user, count) in enumerate(zip(USERS, counts, strict=True))
            ]
            for each in every:
                each.result()

    def call_once(self, user: str, model: str) -> Made:
        """Make one good call."""
        return self._call(user, model, _GOOD)

    def _calls_of(self, user: str, script: list[tuple[str, Any]]) -> None:
        for model, body in script:
            self._call(user, model, body)

    def _call(self, user: str, model: str, body: Any) -> Made:
        client, began = self._clients[user], time.monotonic()
        answer = client.http.post(path_of(model, "/predict"), json=body)
        client_ms = (time.monotonic() - began) * 1_000
        made = _made(user, model, answer, client_ms)
        self.made.append(made)
        return made


def _script(models: Sequence[str], offset: int) -> Iterator[tuple[str, Any]]:
    """Yield calls without end, beginning with another one for each *offset*."""
    good = [(model, _GOOD) for model in models]
    wrong: list[tuple[str, Any]] = [(FRAGILE, _TOO_LARGE), (STEADY, _WRONG), (UNKNOWN, _GOOD)]
    calls = [*good * 9, *wrong] if FRAGILE in models else [*good * 9, *wrong[1:]]
    return islice(cycle(calls), offset * 7, None)


def _made(user: str, model: str, answer: httpx.Response, client_ms: float) -> Made:
    content = answer.json()
    total = _TOTAL.search(answer.headers["Server-Timing"])
    assert total is not None, answer.headers
    return Made(
        user=user,
        model=model,
        version=content.get("model_version", ""),
        status=answer.status_code,
        code=content.get("code", ""),
        request_id=answer.headers["X-Request-Id"],
        client_ms=client_ms,
        server_ms=float(total[1]),
    )
