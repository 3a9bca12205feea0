"""The API's documents are true: what they describe is what it does.

Given two live models, when anyone reads the list of models, a model's page, the API's OpenAPI
document or a model's own, then they are complete and valid. A client generated from a model's
document predicts.
"""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from openapi_spec_validator import validate

from functions.common.version import VERSION
from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.registered_models import RegisteredVersion
from tests.typed_client import part, typed_client

TENSOR, TABLE = "iris classifier", "greeter"
BODIES = {TENSOR: "InputsBody", TABLE: "DataframeRecordsBody"}
"""Class of each model's body in its generated client."""

type Documented = dict[str, RegisteredVersion]


def document_of(client: ApiClient, model: str) -> dict[str, Any]:
    """Return the model's OpenAPI document."""
    answer = client.http.get(f"models/{quote(model)}/openapi.json").raise_for_status()
    document: dict[str, Any] = answer.json()
    return document


def pages(client: ApiClient, limit: int) -> list[list[dict[str, Any]]]:
    """Return every page of the list of models, with at most *limit* entries each."""
    found, query = [], {"limit": str(limit)}
    while True:
        page = client.http.get("models", params=query).raise_for_status().json()
        found.append(page["models"])
        if "next_cursor" not in page:
            return found
        query["cursor"] = page["next_cursor"]


def test_every_model_is_listed(client: ApiClient, documented: Documented) -> None:
    """Pages of any size have the same models, sorted by name, with links that work."""
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


def test_a_model_is_described_under_both_addresses(
    client: ApiClient, documented: Documented
) -> None:
    """`/info` is an alias; both show version, status and circuit."""
    shown = client.http.get(f"models/{TENSOR}").raise_for_status().json()

    assert shown == client.http.get(f"models/{TENSOR}/info").raise_for_status().json()
    assert ("closed", "deployed") == (shown["circuit"], shown["status"])
    assert documented[TENSOR].version == shown["model_version"]


@pytest.mark.usefixtures("documented")
def test_the_documents_are_valid_and_name_the_api(system: LocalSystem, client: ApiClient) -> None:
    """Anyone may read the API's document; a model's document needs a key."""
    api = httpx.get(f"{system.api_url}/openapi.json").raise_for_status().json()

    for document in (api, document_of(client, TENSOR), document_of(client, TABLE)):
        validate(document)
        assert [{"url": system.api_url}] == document["servers"]
    stranger = httpx.get(f"{system.api_url}/models/{quote(TENSOR)}/openapi.json")
    assert (401, "unauthorized") == (stranger.status_code, stranger.json()["code"])


def test_health_needs_no_key(system: LocalSystem) -> None:
    """Load balancers and monitors have no key."""
    answer = httpx.get(f"{system.api_url}/health")

    assert (200, {"status": "ok", "version": VERSION}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("model", BODIES)
def test_a_generated_client_predicts(
    system: LocalSystem, client: ApiClient, documented: Documented, tmp_path: Path, model: str
) -> None:
    """Its predictions are those of a raw call and of the model itself."""
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
