"""CORS: no web page may call the API unless an environment lists its origin."""

from dataclasses import replace

import pytest

from infra.environments import PRODUCTION
from infra.functions import OPERATE, PREDICT
from tests.infra.synthesized import Json, Synthesized, synthesize
from tests.infra.test_api import paths_of
from tests.infra.test_gateway_responses import gateway_response

PAGES = ("https://app.hokus.ai", "https://docs.hokus.ai")


@pytest.fixture(scope="module", params=[PAGES[:1], PAGES, ("*",)], ids=["one", "two", "all"])
def with_origins(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Return the origins and the template of a stack with them."""
    folder = tmp_path_factory.mktemp("cors")
    return request.param, synthesize(replace(PRODUCTION, cors_origins=request.param), folder)


def test_preflight_lists_the_methods_and_headers(with_origins: tuple[tuple[str, ...], Synthesized]):
    """Every address answers it, with its own methods."""
    origins, stack = with_origins
    paths = paths_of(stack)
    methods = stack.properties("AWS::ApiGateway::Method")
    preflights = {
        paths[method["ResourceId"]["Ref"]]: _sent(method)
        for method in methods
        if method["HttpMethod"] == "OPTIONS"
    }

    assert {paths[method["ResourceId"]["Ref"]] for method in methods} == preflights.keys()
    sent = preflights["/api/v1/models/{model_id}/predict"]
    assert origins[0] == sent["Access-Control-Allow-Origin"]
    assert "POST" == sent["Access-Control-Allow-Methods"]
    assert {"Authorization", "Content-Type", "Idempotency-Key"} <= set(
        sent["Access-Control-Allow-Headers"].split(",")
    )
    deployments = preflights["/api/v1/models/{model_id}/deployments"]
    assert "POST,DELETE" == deployments["Access-Control-Allow-Methods"]


def test_gateway_responses_have_cors_headers(with_origins: tuple[tuple[str, ...], Synthesized]):
    """One origin is a constant; of several, the caller's is returned."""
    origins, stack = with_origins
    response, _, _ = gateway_response(stack, "UNAUTHORIZED")

    expected = f"'{origins[0]}'" if len(origins) == 1 else "method.request.header.Origin"
    parameters = response["ResponseParameters"]
    assert expected == parameters["gatewayresponse.header.Access-Control-Allow-Origin"]


def test_functions_behind_the_api_have_the_origins(
    with_origins: tuple[tuple[str, ...], Synthesized],
):
    """Those that answer callers, and no other."""
    origins, stack = with_origins

    for spec in (PREDICT, OPERATE):
        assert " ".join(origins) == stack.variables(spec.handler)["CORS_ORIGINS"]


def _sent(method: Json) -> dict[str, str]:
    """Return the headers of a preflight response."""
    (response,) = method["Integration"]["IntegrationResponses"]
    prefix = "method.response.header."
    return {
        name.removeprefix(prefix): value.strip("'")
        for name, value in response["ResponseParameters"].items()
    }
