"""The OpenAPI document describes the deployed API."""

import json
from typing import Any

import pytest

from functions.common.deployments import history_index, model_index, unsettled_index
from functions.describe.openapi.api_document import api_document
from infra.constructs.gateway_responses import ANSWERS
from infra.functions import DESCRIBE
from infra.routes import BASE_PATH
from tests.infra.synthesized import Json, Synthesized
from tests.infra.test_api import paths_of

NO_OPERATIONS = {"ANY", "OPTIONS"}
"""What catches wrong methods, and what browsers ask before they call."""
DOCUMENT: Json = json.loads(api_document("https://api.example/api/v1"))


def test_every_route_is_in_the_document_and_every_operation_has_a_route(production: Synthesized):
    """Both require a key, or neither does."""
    paths = paths_of(production)
    routes = {
        (
            method["HttpMethod"].lower(),
            paths[method["ResourceId"]["Ref"]].removeprefix(BASE_PATH),
            method["AuthorizationType"] == "CUSTOM",
        )
        for method in production.properties("AWS::ApiGateway::Method")
        if method["HttpMethod"] not in NO_OPERATIONS
    }

    assert routes == {
        (method, path, "security" not in operation)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
    }


@pytest.mark.parametrize("type_", ANSWERS)
def test_codes_of_gateway_responses_are_in_the_document(type_: str):
    """Each code at one operation at least."""
    error, _ = ANSWERS[type_]
    found = {
        code
        for item in DOCUMENT["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        for code in content.get("examples", {})
    }

    assert error.code in found


def test_describe_has_the_api_url(production: Synthesized):
    """The document has this address, whichever name it was requested by."""
    address = production.variables(DESCRIBE.handler)["API_URL"]

    assert production.output("ApiUrl") == address


def deployments_table(stack: Synthesized) -> dict[str, Any]:
    """Return the properties of the table of deployments."""
    (table,) = (
        each
        for each in stack.properties("AWS::DynamoDB::GlobalTable")
        if "GlobalSecondaryIndexes" in each
    )
    return table


@pytest.mark.parametrize(
    ("index", "keys"),
    [
        (model_index, [("id", "HASH"), ("model_id", "RANGE")]),
        (unsettled_index, [(unsettled_index.KEY, "HASH"), ("model_id", "RANGE")]),
        (history_index, [("model_id", "HASH"), (history_index.KEY, "RANGE")]),
    ],
    ids=["models", "unsettled", "history"],
)
def test_the_table_has_its_indexes(
    production: Synthesized, index: Any, keys: list[tuple[str, str]]
):
    """One lists models by name, one holds what a reconciliation of all models reads, and a local
    one, which can be read consistently, lists the deployments of a model."""
    table = deployments_table(production)
    local = {each["IndexName"]: each for each in table["LocalSecondaryIndexes"]}
    found = local | {each["IndexName"]: each for each in table["GlobalSecondaryIndexes"]}

    assert {history_index.NAME} == local.keys()
    assert {history_index.NAME, model_index.NAME, unsettled_index.NAME} == found.keys()
    made = found[index.NAME]
    assert keys == [(key["AttributeName"], key["KeyType"]) for key in made["KeySchema"]]
    assert {
        "ProjectionType": "INCLUDE",
        "NonKeyAttributes": list(index.ATTRIBUTES),
    } == made["Projection"]


def test_the_local_index_stays_as_it_was_made(production: Synthesized):
    """DynamoDB changes none: a deployment with another one would need another table."""
    (made,) = deployments_table(production)["LocalSecondaryIndexes"]

    assert ("history", "history_position") == (
        made["IndexName"],
        made["KeySchema"][1]["AttributeName"],
    )
    shown = "attempt created_at model_version origin reason requested_at retryable status timeline"
    assert [*shown.split(), "updated_at"] == made["Projection"]["NonKeyAttributes"]


def test_records_of_settled_deployments_expire(production: Synthesized):
    """By the attribute that the reconciler sets."""
    expected = {"AttributeName": "expiration", "Enabled": True}

    assert expected == deployments_table(production)["TimeToLiveSpecification"]
