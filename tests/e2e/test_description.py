"""What the API says of itself, and that it is true."""

from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from openapi_spec_validator import validate

from functions.common.version import VERSION
from infra.local.system import LocalSystem
from tests.e2e.client import Client, key_with
from tests.e2e.models import Registered
from tests.e2e.schemathesis_run import schemathesis_run
from tests.typed_client import part, typed_client

TENSOR, TABLE = "iris classifier", "greeter"
BODIES = {TENSOR: "InputsBody", TABLE: "DataframeRecordsBody"}
"""The classes for the bodies of both."""
OF_ONE_MODEL = '["get_model", "get_model_info", "get_model_openapi", "predict"]'

type Documented = dict[str, Registered]


def document_of(client: Client, model: str) -> dict[str, Any]:
    answer = client.http.get(f"models/{quote(model)}/openapi.json").raise_for_status()
    document: dict[str, Any] = answer.json()
    return document


def pages(client: Client, limit: int) -> list[list[dict[str, Any]]]:
    """Every page, by following the cursors."""
    found, query = [], {"limit": str(limit)}
    while True:
        page = client.http.get("models", params=query).raise_for_status().json()
        found.append(page["models"])
        if "next_cursor" not in page:
            return found
        query["cursor"] = page["next_cursor"]


def test_every_model_is_listed(client: Client, documented: Documented) -> None:
    """On pages of any size, in the order of names, with addresses that lead somewhere."""
    entries = [entry for page in pages(client, 1) for entry in page]

    names = [entry["model_id"] for entry in entries]
    assert sorted(names, key=str.encode) == names
    assert set(documented) <= set(names)
    whole = [entry for page in pages(client, 100) for entry in page]
    assert set(names) <= {entry["model_id"] for entry in whole}
    (entry,) = (entry for entry in entries if entry["model_id"] == TENSOR)
    assert ("deployed", documented[TENSOR].version) == (entry["status"], entry["model_version"])
    assert client.http.get(entry["links"]["self"]).json()["model_id"] == TENSOR
    assert client.http.get(entry["links"]["openapi"]).json()["info"]["title"] == f"Model {TENSOR}"
    predicted = client.http.post(entry["links"]["predict"], json=documented[TENSOR].body)
    assert documented[TENSOR].predictions == predicted.json()["predictions"]


def test_a_model_is_told_under_both_its_addresses(client: Client, documented: Documented) -> None:
    """With its circuit closed, as calls go through."""
    told = client.http.get(f"models/{TENSOR}").raise_for_status().json()

    assert told == client.http.get(f"models/{TENSOR}/info").raise_for_status().json()
    assert ("closed", "deployed") == (told["circuit"], told["status"])
    assert documented[TENSOR].version == told["model_version"]


@pytest.mark.usefixtures("documented")
def test_documents_are_valid_and_name_the_api(system: LocalSystem, client: Client) -> None:
    """The API's for anyone, a model's for those with a key."""
    api = httpx.get(f"{system.api_url}/openapi.json").raise_for_status().json()

    for document in (api, document_of(client, TENSOR), document_of(client, TABLE)):
        validate(document)
        assert [{"url": system.api_url}] == document["servers"]
    stranger = httpx.get(f"{system.api_url}/models/{quote(TENSOR)}/openapi.json")
    assert (401, "unauthorized") == (stranger.status_code, stranger.json()["code"])


def test_health_is_told_to_anyone(system: LocalSystem) -> None:
    """Load balancers and monitors have no key."""
    answer = httpx.get(f"{system.api_url}/health")

    assert (200, {"status": "ok", "version": VERSION}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("model", BODIES)
def test_a_generated_client_predicts(
    system: LocalSystem, client: Client, documented: Documented, tmp_path: Path, model: str
) -> None:
    """As the raw call does, and the model itself."""
    registered = documented[model]
    raw = client.predict(model, registered.body).raise_for_status().json()

    with typed_client(document_of(client, model), tmp_path) as package:
        typed = getattr(part(package, "models"), BODIES[model]).from_dict(registered.body)
        caller = package.AuthenticatedClient(
            base_url=system.api_url, token=system.api_key, timeout=httpx.Timeout(35)
        )
        with caller:
            answer = part(package, "api.models.predict").sync(client=caller, body=typed)

    assert registered.predictions == raw["predictions"] == answer.predictions
    assert (model, registered.version) == (answer.model_id, answer.model_version)


@pytest.mark.usefixtures("documented")
def test_the_api_is_as_its_document_says(
    system: LocalSystem, operator: Client, tmp_path: Path
) -> None:
    """Every operation but the document itself, which is read to begin with. What operators do is
    done to a model that there is not."""
    more = f"""
[dictionaries.models]
values = ["{TENSOR}", "{TABLE}"]

[[operations]]
include-operation-id = {OF_ONE_MODEL}
parameters = {{ "path.model_id" = {{ dictionary = "models", probability = 0.5 }} }}

[[operations]]
include-tag = "Operations"
generation.max-examples = 3
parameters = {{ "path.model_id" = "nobody-{uuid4().hex[:8]}" }}
"""
    run = schemathesis_run(
        f"{system.api_url}/openapi.json",
        key=operator.http.headers["Authorization"].removeprefix("Bearer "),
        folder=tmp_path,
        examples=3,
        more=more,
    )

    assert 0 == run.exit_status, run.output
    assert {200, 202, 400, 401, 404, 405, 415, 422} <= run.answered


@pytest.mark.usefixtures("documented")
def test_a_model_is_as_its_document_says(system: LocalSystem, tmp_path: Path) -> None:
    """Asked by who may do nothing but predict."""
    run = schemathesis_run(
        f"{system.api_url}/models/{quote(TABLE)}/openapi.json",
        key=key_with(system, "model:read"),
        folder=tmp_path,
        examples=6,
        operation="predict",
    )

    assert 0 == run.exit_status, run.output
    assert {200, 400, 401, 415, 422} <= run.answered
