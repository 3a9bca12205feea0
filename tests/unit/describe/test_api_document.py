"""The OpenAPI document of the whole API."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from functions.common import problem
from functions.common.circuits.state import Circuit
from functions.common.deployments.record import RequestedBy, Status
from functions.common.errors import Fault, InvalidInputError, ServiceError
from functions.common.version import VERSION
from functions.describe.openapi.api_document import api_document
from tests.errors_by_code import errors
from tests.unit.describe.describing import API_URL, Describing

type Json = dict[str, Any]

DOCUMENT: Json = json.loads(api_document(API_URL))
PUBLIC = {
    "get_docs",
    "get_docs_asset",
    "get_health",
    "get_openapi",
    "receive_mlflow_webhook",
}
EVERYWHERE = {"internal_error", "invalid_request", "provider_timeout", "rate_limited"}
WITH_KEY = EVERYWHERE | {
    "auth_unavailable",
    "forbidden",
    "insufficient_balance",
    "service_unavailable",
    "unauthorized",
}
WITH_MODEL = WITH_KEY | {"model_not_found", "not_found"}
WITH_BODY = {"invalid_json", "payload_too_large", "unsupported_media_type"}
CODES = {
    "list_models": WITH_KEY,
    "get_model": WITH_MODEL,
    "get_model_info": WITH_MODEL,
    "get_model_openapi": WITH_MODEL,
    "get_deployment": WITH_MODEL,
    "predict": set(errors()) - {"method_not_allowed"},
    "deploy_model": WITH_MODEL | WITH_BODY,
    "undeploy_model": WITH_MODEL,
    "redrive_deployment": WITH_MODEL,
    "get_deployment_log": WITH_MODEL,
    "reconcile_model": WITH_MODEL,
    "get_model_usage": WITH_MODEL,
    "get_health": EVERYWHERE,
    "get_openapi": EVERYWHERE,
    "get_docs": EVERYWHERE,
    "get_docs_asset": EVERYWHERE | {"not_found"},
    "receive_mlflow_webhook": EVERYWHERE
    | {"invalid_json", "payload_too_large", "service_unavailable", "unauthorized"},
}
"""Error codes by operation."""


def operations() -> Iterator[Json]:
    for item in DOCUMENT["paths"].values():
        yield from (each for each in item.values() if "operationId" in each)


def codes_of(response: Json) -> set[str]:
    content: Json = response.get("content", {}).get(problem.CONTENT_TYPE, {})
    return set(content.get("examples", {}))


def test_document_is_openapi() -> None:
    """It is valid by the schema of OpenAPI 3.1, and every reference has a target."""
    validate(DOCUMENT)


def test_document_is_served_to_anyone(api: Describing) -> None:
    """It needs no key, and names the API's own address."""
    status, answer, headers = api.call("/openapi.json", requestContext={"requestId": "a"})

    assert (200, "application/json") == (status, headers["Content-Type"])
    assert DOCUMENT == answer


def test_health_needs_no_key(api: Describing) -> None:
    """It answers also while the table is down."""
    api.store.error = ConnectionError()

    assert (200, {"status": "ok", "version": VERSION}) == api.call(
        "/health", requestContext={"requestId": "a"}
    )[:2]


def test_operations_are_named_for_generated_clients() -> None:
    """Each operation has an id of its own that can name a function."""
    names = [each["operationId"] for each in operations()]

    assert sorted(CODES) == sorted(names)


@pytest.mark.parametrize("operation", list(operations()), ids=lambda each: each["operationId"])
def test_operation_has_every_error_that_can_occur_and_no_other(operation: Json) -> None:
    """API Gateway's own errors are among them; each is under its own status."""
    found = {
        code: status
        for status, response in operation["responses"].items()
        for code in codes_of(response)
    }

    assert {code: str(errors()[code].status) for code in CODES[operation["operationId"]]} == found


def test_a_wrong_method_is_described_though_no_operation_has_it() -> None:
    """No operation can hold it, so it is a shared response."""
    response = DOCUMENT["components"]["responses"]["MethodNotAllowed"]

    assert {"method_not_allowed"} == codes_of(response)
    assert {"Allow"} <= set(response["headers"])


@pytest.mark.parametrize("operation", list(operations()), ids=lambda each: each["operationId"])
def test_all_but_the_public_operations_demand_a_key(operation: Json) -> None:
    """A key is the document's default; public operations say that they need none."""
    assert [{"bearer": []}] == DOCUMENT["security"]
    assert (operation["operationId"] in PUBLIC) == (operation.get("security") == [])


@pytest.mark.parametrize(
    ("schema", "values"),
    [
        ("Status", list(Status)),
        ("Circuit", list(Circuit)),
    ],
)
def test_enumerations_are_the_codes_own(schema: str, values: list[str]) -> None:
    """A value that is added in the code must be added to the document."""
    assert values == DOCUMENT["components"]["schemas"][schema]["enum"]


def test_requesters_error_codes_and_version_are_the_codes_own() -> None:
    """openapi.yaml repeats them from the code."""
    schemas = DOCUMENT["components"]["schemas"]

    assert list(RequestedBy) == schemas["Deployment"]["properties"]["origin"]["enum"]
    assert sorted(errors()) == schemas["Problem"]["properties"]["code"]["enum"]
    assert VERSION == DOCUMENT["info"]["version"]


@pytest.mark.parametrize("code", list(errors()))
def test_every_error_is_what_the_schema_of_problems_says(code: str) -> None:
    """Its example and the body that is sent both fit the schema."""
    error = errors()[code]
    fault = Fault(pointer="/inputs/0", message="a number")
    more: dict[str, Any] = {"faults": [fault]} if error is InvalidInputError else {}
    sent = problem.problem(error("Because.", **more), detail="Because.", request_id="a")
    schema = DOCUMENT | {"$ref": "#/components/schemas/Problem"}
    validator = Draft202012Validator(schema)

    assert [] == list(validator.iter_errors(sent))
    example = DOCUMENT["components"]["examples"][code]["value"]
    assert [] == list(validator.iter_errors(example))
    assert (code, error.status) == (example["code"], example["status"])


def test_errors_with_one_code_have_one_status() -> None:
    """A derived error that keeps the code keeps the status."""
    every: list[type[ServiceError]] = [ServiceError, *_derived(ServiceError)]
    for error in every:
        assert errors()[error.code].status == error.status


def test_retry_after_is_documented_at_the_statuses_that_have_it() -> None:
    """429 and 503 carry `Retry-After`, no other status does."""
    (predict,) = (each for each in operations() if each["operationId"] == "predict")
    waits = {s for s, each in predict["responses"].items() if "Retry-After" in each["headers"]}

    assert {"429", "503"} == waits


def _derived(error: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for each in error.__subclasses__():
        yield each
        yield from _derived(each)
