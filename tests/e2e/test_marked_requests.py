"""Requests of every kind, and a model, that are full of canaries.

Given a live model with canaries in all its files, when callers send good, refused, malformed and
forged requests with canaries in header, body and keys, then each is answered as it should be.
`test_traces` searches for the canaries after all tests.
"""

import gzip
import json
from pathlib import Path
from uuid import uuid4

import pytest

from infra.local.system import LocalSystem
from tests.e2e.support import canaries
from tests.e2e.support.api_client import ApiClient, path_of
from tests.e2e.support.marked_model import REFUSED, register_marked_model
from tests.e2e.support.webhook_delivery import deliver, version_created_event


@pytest.fixture(scope="module")
def marked(operator: ApiClient, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of the marked model, which serves."""
    name = f"marked-{uuid4().hex[:6]}"
    folder: Path = tmp_path_factory.mktemp("code")
    operator.wait_until_live(name, register_marked_model(name, folder / "marked_code.py"))
    return name


def names(*values: str) -> dict[str, list[dict[str, str]]]:
    """Return a body of the marked model."""
    return {"dataframe_records": [{"name": value} for value in values]}


def test_a_prediction_goes_to_its_caller(client: ApiClient, marked: str) -> None:
    """With and without a key for repeating it."""
    for headers in ({}, {"Idempotency-Key": canaries.idempotency_key()}):
        answer = client.http.post(
            path_of(marked, "/predict"), json=names(canaries.BODY), headers=headers
        )
        assert (200, [canaries.BODY]) == (answer.status_code, answer.json()["predictions"])


def test_a_models_error_goes_to_its_caller(client: ApiClient, marked: str) -> None:
    """It quotes the caller's own input."""
    answer = client.predict(marked, names(f"{REFUSED}{canaries.BODY}"))

    assert answer.is_client_error
    assert canaries.BODY in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        names(canaries.BODY) | {canaries.BODY: 1},
        {"dataframe_records": [{canaries.BODY: "x"}]},
        {"inputs": {"name": [{canaries.BODY: canaries.BODY}]}},
        [canaries.BODY],
    ],
    ids=["unknown field", "unknown column", "an object for a name", "no object"],
)
def test_a_refused_body(client: ApiClient, marked: str, body: object) -> None:
    """Plain and compressed."""
    packed = gzip.compress(json.dumps(body).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    headers |= {"Idempotency-Key": canaries.idempotency_key()}

    assert client.predict(marked, body).status_code in {400, 422}
    answer = client.http.post(path_of(marked, "/predict"), content=packed, headers=headers)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("header", ["Content-Type", "Content-Encoding"])
def test_a_refused_header(client: ApiClient, marked: str, header: str) -> None:
    """It is not repeated."""
    headers = {"Content-Type": "application/json", header: canaries.HEADER}

    answer = client.http.post(path_of(marked, "/predict"), content=b"{}", headers=headers)

    assert 415 == answer.status_code


def test_a_body_that_breaks_off(client: ApiClient, marked: str) -> None:
    """It is no JSON."""
    body, headers = f'{{"inputs": "{canaries.BODY}', {"Content-Type": "application/json"}

    answer = client.http.post(path_of(marked, "/predict"), content=body, headers=headers)

    assert 400 == answer.status_code


def test_keys_of_nobody(system: LocalSystem, client: ApiClient, marked: str) -> None:
    """Also beside a good one."""
    with ApiClient(system, key=canaries.api_key()) as stranger:
        assert 401 == stranger.predict(marked, names(canaries.BODY)).status_code
    keys = [("Authorization", client.http.headers["Authorization"])] * 2
    assert 401 == client.http.get(path_of(marked), headers=keys).status_code


def test_forged_and_malformed_deliveries(system: LocalSystem, marked: str) -> None:
    """Another's secret, a right one on what is no JSON, and no event."""
    event = version_created_event(marked)

    assert 401 == deliver(system, event, secret=canaries.SECRET).status_code
    assert 400 == deliver(system, canaries.DELIVERY.encode()).status_code
    assert 400 == deliver(system, json.dumps({"entity": canaries.DELIVERY}).encode()).status_code
