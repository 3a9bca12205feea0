"""The OpenAPI document describes the deployed API."""

import json

import pytest

from functions.common.deployments import model_index
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


def test_the_list_of_models_has_an_index(production: Synthesized):
    """The table's keys reversed: items of one kind are one partition, sorted by model."""
    table = production.template["Resources"]
    (index,) = (
        each
        for resource in table.values()
        if resource["Type"] == "AWS::DynamoDB::GlobalTable"
        for each in resource["Properties"].get("GlobalSecondaryIndexes", [])
    )

    assert model_index.NAME == index["IndexName"]
    assert [("id", "HASH"), ("model_id", "RANGE")] == [
        (key["AttributeName"], key["KeyType"]) for key in index["KeySchema"]
    ]
    assert {
        "ProjectionType": "INCLUDE",
        "NonKeyAttributes": list(model_index.ATTRIBUTES),
    } == index["Projection"]
