"""A snapshot holds nothing that a copy must not have, and each copy is on its own.

Given a function that has been put together as before a snapshot, when forks of its process handle
events, then each has asked for everything itself.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.function_spec import FunctionSpec
from infra.functions import AUTHORIZER, MLFLOW_HOOK, PREDICT
from infra.snapshots import AWAITED
from tests.events import event
from tests.snapshot.outside import CANARIES, Outside, serving

ROOT = Path(__file__).parents[2]


class Primed:
    """A function's process after the hooks before the snapshot."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert "snapshot" == self._read().strip()

    @property
    def pid(self) -> int:
        return self._process.pid

    @contextmanager
    def restored(self, sent: Any) -> Iterator[dict[str, Any]]:
        """Yield what a copy printed of *sent*; it ends afterwards."""
        self._write(json.dumps(sent))
        printed = json.loads(self._read())
        try:
            yield printed
        finally:
            self._write("")
            assert "ended" == self._read().strip()

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def _write(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with serving() as server:
        yield server


@contextmanager
def primed(spec: FunctionSpec, outside: Outside) -> Iterator[Primed]:
    """Run *spec*'s function; its requests begin a new record."""
    outside.requests.clear()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.snapshot.function_process", spec.handler],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**outside.variables(), "PATH": os.environ["PATH"]},
    ) as process:
        try:
            yield Primed(process)
        finally:
            assert process.stdin
            process.stdin.close()
            status = process.wait(30)
    assert 0 == status


def memory_of(pid: int) -> Iterator[bytes]:
    """Yield what the process has written to memory."""
    areas = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for area in areas:
            addresses, rights, *_ = area.split()
            start, end = (int(address, 16) for address in addresses.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                yield memory.read(end - start)


def secrets_in(pid: int) -> set[str]:
    """Return the secrets that are anywhere in the process's memory."""
    return {canary for part in memory_of(pid) for canary in CANARIES if canary.encode() in part}


def sockets_of(pid: int) -> list[str]:
    files = (str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir())
    return [file for file in files if file.startswith("socket:")]


@pytest.mark.parametrize("spec", AWAITED, ids=lambda spec: spec.name)
def test_a_snapshot_holds_no_secret_and_no_connection(spec: FunctionSpec, outside: Outside):
    """Nobody has been called, so nobody can have given one away."""
    with primed(spec, outside) as function:
        assert ([], []) == (outside.requests, sockets_of(function.pid))
        assert set() == secrets_in(function.pid)


def test_a_secret_in_memory_would_be_found(outside: Outside):
    """In the copy that has handled a call; the process it is a copy of still has none."""
    body = json.dumps({"inputs": [[1, 2, 3, 4]]})
    with primed(PREDICT, outside) as function, function.restored(event("predict", body=body)) as it:
        assert 200 == it["answer"]["statusCode"], it["answer"]["body"]
        assert {*CANARIES} == secrets_in(it["pid"])
        assert set() == secrets_in(function.pid)


def test_each_copy_asks_for_everything_itself(outside: Outside):
    """Credentials, record, state and token: nothing that a call has read was there before."""
    sent = event("predict", body=json.dumps({"inputs": [[1, 2, 3, 4]]}))
    with primed(PREDICT, outside) as function:
        for _ in range(2):
            with function.restored(sent) as it:
                assert 200 == it["answer"]["statusCode"], it["answer"]["body"]
    asked = Counter(request.of for request in outside.requests)

    assert asked == {
        "/credentials": 2,
        "GetItem": 4,
        "GetSecretValue": 2,
        "/model": 2,
        "PutItem": 4,
    }
    assert {"for-the-credentials"} == {
        request.headers["authorization"]
        for request in outside.requests
        if request.of == "/credentials"
    }


def test_no_two_copies_make_the_same_random_numbers(outside: Outside):
    """Nonces, ids of requests, and what pauses are taken from."""
    sent = event("predict", body=json.dumps({"inputs": [[1, 2, 3, 4]]}))
    numbers = set()
    with primed(PREDICT, outside) as function:
        for _ in range(2):
            with function.restored(sent) as it:
                numbers.add(it["random"])
    calls = [request.headers for request in outside.requests]
    nonces = {headers["x-hokus-nonce"] for headers in calls if "x-hokus-nonce" in headers}
    ids = [
        headers["amz-sdk-invocation-id"] for headers in calls if "amz-sdk-invocation-id" in headers
    ]

    assert (2, 2) == (len(numbers), len(nonces))
    assert len(ids) == len(set(ids))


def test_a_restored_authorizer_asks_the_auth_service(outside: Outside):
    """Over a connection of its own."""
    with primed(AUTHORIZER, outside) as function:
        for _ in range(2):
            with function.restored(event("authorizer")) as it:
                assert "u1" == it["answer"]["principalId"]

    assert ["/api/v1/keys/validate"] * 2 == [request.of for request in outside.requests]


def test_a_missing_setting_fails_before_the_snapshot(outside: Outside):
    """So that the deployment fails, and not the first call."""
    variables = outside.variables() | {"PATH": os.environ["PATH"]}
    del variables["STATE_MACHINE_ARN"]
    ended = subprocess.run(
        [sys.executable, "-m", "tests.snapshot.function_process", MLFLOW_HOOK.handler],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        input="",
    )

    assert (1, True) == (ended.returncode, "STATE_MACHINE_ARN" in ended.stderr)
