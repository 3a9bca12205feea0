"""Statuses and contents of the server's answers."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from functions.common.payload import MAX_BYTES
from tests.runtime.server_process import (
    DEPLOYMENT_ID,
    NONCE,
    PACKAGE,
    SECRET,
    ServerProcess,
    add_server,
    running,
)
from tests.unit.provision.flavors import quietly, save_sklearn_columns, without_mlflow_advice

IDENTITY = {"deployment_id": DEPLOYMENT_ID, "package": PACKAGE, "nonce": NONCE}
CANARY = "canary-51aa"


def error_of(answer: Any) -> tuple[int, str]:
    """Return status and type of a refusal, whose envelope is whole."""
    body = answer.json()
    error = body.pop("error")
    assert IDENTITY == body
    assert {"type", "message"} == error.keys()
    return answer.status_code, error["type"]


def test_predictions_are_the_models_own(tmp_path: Path) -> None:
    """A pipeline of scikit-learn, in every input format that a table has."""
    folder = tmp_path / "repository"
    folder.mkdir()
    rows = quietly(save_sklearn_columns, folder / "model")
    add_server(folder)
    with without_mlflow_advice():
        expected = mlflow.pyfunc.load_model(str(folder / "model")).predict(rows).tolist()
    split = rows.to_dict(orient="split")
    bodies = {
        "dataframe_split": {"columns": split["columns"], "data": split["data"]},
        "dataframe_records": rows.to_dict("records"),
        "inputs": rows.to_dict("list"),
        "instances": rows.to_dict("records"),
    }

    with running(folder) as server:
        server.wait_for_health(200)
        answers = {
            name: server.post(json.dumps({name: value}).encode()).json()
            for name, value in bodies.items()
        }

    assert {name: {**IDENTITY, "predictions": expected} for name in bodies} == answers


def test_what_json_does_not_know_is_null_or_text(server: ServerProcess) -> None:
    """NaN, infinity, missing dates and missing integers."""
    assert [
        {"ratio": 0.5, "day": "2026-11-30T00:00:00", "count": 1},
        {"ratio": None, "day": None, "count": None},
        {"ratio": None, "day": "2026-12-01T01:02:03", "count": 3},
    ] == server.direct("table").json()["predictions"]
    assert [[1, 2], [3, 4]] == server.direct("array").json()["predictions"]


DIRECTED = json.dumps({"dataframe_records": [{"do": "array", "with": None}]}).encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", (400, "invalid_json")),
        (b'{"inputs": [1}', (400, "invalid_json")),
        (b'{"inputs": [NaN]}', (400, "invalid_json")),
        (b'{"inputs": ["\xff"]}', (400, "invalid_json")),
        (b'{"inputs": %b}' % (100_000 * b"["), (400, "invalid_json")),
        (b'{"inputs": %b}' % (5_000 * b"9"), (400, "invalid_json")),
        (b"[1]", (422, "rejected_input")),
        (b'{"inputs": [1], "instances": [1]}', (422, "rejected_input")),
        (b'{"dataframe_split": [1]}', (422, "rejected_input")),
        (MAX_BYTES * b" " + b"1", (413, "too_large")),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else None,
)
def test_a_body_that_is_no_input_is_refused(
    server: ServerProcess, content: bytes, expected: tuple[int, str]
) -> None:
    """By a status of its own; the server goes on."""
    assert expected == error_of(server.post(content))
    assert 200 == server.post(DIRECTED).status_code


def test_a_body_of_the_greatest_size_is_read(server: ServerProcess) -> None:
    """As much as the API takes."""
    assert 200 == server.post(DIRECTED.ljust(MAX_BYTES)).status_code


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        ("reject", (422, "rejected_input")),
        ("break", (500, "model_error")),
        ("exit", (500, "model_error")),
        ("no JSON", (500, "model_error")),
    ],
)
def test_a_models_failures_have_statuses(
    server: ServerProcess, do: str, expected: tuple[int, str]
) -> None:
    """Nothing that a model raises ends the process."""
    assert expected == error_of(server.direct(do, "x"))
    assert 200 == server.post(DIRECTED).status_code


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", "ä"])
def test_without_our_secret_nothing_is_predicted(server: ServerProcess, secret: str) -> None:
    """The provider's proxy lets in every account's token."""
    headers = [(b"X-Hokus-Secret", secret.encode()), (b"X-Hokus-Nonce", NONCE.encode())]

    assert (403, "forbidden") == error_of(server.http.post("/", content=DIRECTED, headers=headers))
    answer = server.http.post("/", content=DIRECTED)
    assert (403, "forbidden") == (answer.status_code, answer.json()["error"]["type"])


@pytest.mark.parametrize(
    ("sent", "echoed"), [("r-1", "r-1"), ("a" * 129, None), ("<b>", None), (None, None)]
)
def test_the_requests_id_is_echoed_if_it_is_harmless(
    server: ServerProcess, sent: str | None, echoed: str | None
) -> None:
    """By it an answer is told from others."""
    headers = {"X-Request-Id": sent} if sent else {}
    answer = server.post(b'{"inputs": [1]}', **headers)

    assert echoed == answer.headers.get("X-Request-Id")


def test_a_nonce_that_is_too_long_is_not_echoed(server: ServerProcess) -> None:
    """It would make every answer longer."""
    answer = server.post(DIRECTED, **{"X-Hokus-Nonce": "x" * 65})

    assert (200, False) == (answer.status_code, "nonce" in answer.json())


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 405),
        ("PUT", "/", 405),
        ("HEAD", "/", 405),
        ("POST", "/health", 405),
        ("GET", "/metrics", 404),
        ("POST", "/predict", 404),
        ("HEAD", "/health", 200),
        ("GET", "/health", 200),
    ],
)
def test_every_method_and_path_has_an_answer(
    server: ServerProcess, method: str, path: str, status: int
) -> None:
    """Over one connection, so that each answer ends where it says."""
    answer = server.http.request(method, path)

    assert status == answer.status_code
    assert (status == 405) is ("allow" in answer.headers)


def test_a_body_may_come_in_chunks(server: ServerProcess) -> None:
    """Without a length."""
    chunks = (DIRECTED[at : at + 10] for at in range(0, len(DIRECTED), 10))

    assert 200 == server.post(chunks).status_code


@pytest.fixture
def connection(server: ServerProcess) -> Iterator[socket.socket]:
    """Connect, and send the head of a request that expects a 100."""
    head = (
        "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
        f"X-Hokus-Secret: {SECRET}\r\nContent-Length: {len(DIRECTED)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(head.encode())
        yield connection


def test_a_client_may_expect_a_100(connection: socket.socket) -> None:
    """Before it sends the body."""
    assert b"HTTP/1.1 100 Continue\r\n\r\n" == connection.recv(1_000)
    connection.sendall(DIRECTED)
    assert connection.recv(1_000).startswith(b"HTTP/1.1 200 OK")


def test_a_client_that_leaves_harms_nobody(
    server: ServerProcess, connection: socket.socket
) -> None:
    """Before its body, or before the answer."""
    connection.close()
    with socket.create_connection(("127.0.0.1", server.port)) as leaving:
        body = json.dumps({"dataframe_records": [{"do": "sleep", "with": 0.3}]})
        head = f"POST / HTTP/1.1\r\nX-Hokus-Secret: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
        leaving.sendall((head + body).encode())
    time.sleep(0.5)

    assert 200 == server.post(DIRECTED).status_code


def test_the_model_finds_no_secret(server: ServerProcess) -> None:
    """Its environment has everything else."""
    (environment,) = server.direct("environment").json()["predictions"]

    assert DEPLOYMENT_ID == environment["HOKUS_DEPLOYMENT_ID"]
    assert SECRET not in environment.values()


def test_the_models_modules_may_have_our_names(server: ServerProcess) -> None:
    """None of ours stands in their way."""
    modules, path = server.direct("modules").json()["predictions"]

    assert set() == {"application", "predicting", "server", "hokus", "handler"} & {*modules}
    assert not [each for each in path if each.endswith("hokus")]


def test_no_trace_keeps_what_a_caller_sent(directed: Path, tmp_path: Path) -> None:
    """MLflow would write the input of a traced function to files, or to its tracking server."""
    home = tmp_path / "home"
    home.mkdir()
    with running(directed, environment={"HOME": str(home)}, working_folder=home) as server:
        server.wait_for_health(200)
        answer = server.direct("trace", CANARY)
        server.terminate()
        # Traces are written by a thread, until the process ends.
        assert 0 == server.exit_code()

    assert [CANARY] == answer.json()["predictions"]
    assert [] == [*home.rglob("*")]


def test_no_log_quotes_a_caller(server: ServerProcess) -> None:
    """Neither their body, nor the message of an exception, nor a warning of MLflow's."""
    for do in ("reject", "break", "no JSON", "unknown"):
        assert server.direct(do, CANARY).status_code in {422, 500}
    server.post(f'{{"dataframe_split": "{CANARY}"}}'.encode())
    server.post(f'{{"inputs": "{CANARY}'.encode())
    params = {"dataframe_records": [{"do": "array", "with": CANARY}], "params": {CANARY: CANARY}}
    assert 200 == server.post(json.dumps(params).encode()).status_code
    server.http.post(f"/{CANARY}?{CANARY}={CANARY}", content=CANARY.encode())

    assert "The model failed: RuntimeError" in server.log
    assert "directed_model.py" in server.log
    assert CANARY not in server.log
    assert SECRET not in server.log
