"""The REST API: routes, who may call them, what is logged, and API Gateway's own refusals."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import aws_apigateway as apigateway

from functions.common import errors, problem
from infra.constructs.gateway_responses import ANSWERS
from infra.environments import LOCAL
from infra.functions import DESCRIBE, MLFLOW_HOOK, OPERATE, PREDICT, RECONCILE
from tests.infra.synthesized import Json, Synthesized, synthesize

EXPECTED = {
    "UNAUTHORIZED": (401, "unauthorized"),
    "AUTHORIZER_FAILURE": (503, "auth_unavailable"),
    "AUTHORIZER_CONFIGURATION_ERROR": (503, "auth_unavailable"),
    "ACCESS_DENIED": (403, "forbidden"),
    "MISSING_AUTHENTICATION_TOKEN": (404, "not_found"),
    "RESOURCE_NOT_FOUND": (404, "not_found"),
    "THROTTLED": (429, "rate_limited"),
    "QUOTA_EXCEEDED": (429, "rate_limited"),
    "REQUEST_TOO_LARGE": (413, "payload_too_large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "unsupported_media_type"),
    "INTEGRATION_TIMEOUT": (504, "provider_timeout"),
    "INTEGRATION_FAILURE": (500, "internal_error"),
    "API_CONFIGURATION_ERROR": (500, "internal_error"),
    "BAD_REQUEST_BODY": (400, "invalid_request"),
    "BAD_REQUEST_PARAMETERS": (400, "invalid_request"),
    "DEFAULT_4XX": (400, "invalid_request"),
    "DEFAULT_5XX": (500, "internal_error"),
}

each_response = pytest.mark.parametrize("type_", ANSWERS)


def gateway_response(stack: Synthesized, type_: str) -> tuple[Json, Json, dict[str, str]]:
    """The properties, the body and the headers (in small letters; constants unquoted)."""
    responses = stack.properties("AWS::ApiGateway::GatewayResponse")
    (found,) = (response for response in responses if response["ResponseType"] == type_)
    prefix = "gatewayresponse.header."
    headers = {
        name.removeprefix(prefix).lower(): value.removeprefix("'").removesuffix("'")
        for name, value in found["ResponseParameters"].items()
    }
    return found, json.loads(found["ResponseTemplates"]["application/json"]), headers


def test_every_type_of_refusal_has_an_answer_of_ours():
    """API Gateway has no refusal left that would not be problem+json."""
    names = {name for name in dir(apigateway.ResponseType) if name.isupper()}
    known = {getattr(apigateway.ResponseType, name).response_type for name in names}

    assert known == set(ANSWERS)


@pytest.mark.parametrize("type_", EXPECTED)
def test_refusal_has_the_status_and_code_of_the_contract(production: Synthesized, type_: str):
    """What callers branch on."""
    response, body, _ = gateway_response(production, type_)

    assert EXPECTED[type_] == (int(response["StatusCode"]), body["code"])


@each_response
def test_refusal_looks_like_every_other_error(production: Synthesized, type_: str):
    """A problem+json body with the fields that the functions' own errors have."""
    response, body, headers = gateway_response(production, type_)
    error = errors.RateLimitedError if "retry_after_s" in body else errors.NotFoundError

    assert problem.problem(error, detail="", request_id="").keys() == body.keys()
    assert problem.CONTENT_TYPE == headers["content-type"]
    assert response["StatusCode"] == str(body["status"])
    assert "$context.requestId" == body["request_id"]


@each_response
def test_refusal_names_the_same_wait_in_header_and_body(production: Synthesized, type_: str):
    """`Retry-After` and `retry_after_s` go together."""
    _, body, headers = gateway_response(production, type_)
    wait = body.get("retry_after_s")

    assert (str(wait) if wait is not None else None) == headers.get("retry-after")


@each_response
def test_refusal_has_its_id_in_header_and_body(production: Synthesized, type_: str):
    """API Gateway's own; a quoted value would be sent as the text that it is."""
    response, _, headers = gateway_response(production, type_)

    parameters = response["ResponseParameters"]
    assert "context.requestId" == parameters["gatewayresponse.header.X-Request-Id"]
    assert "no-store" == headers["cache-control"]


@each_response
def test_refusal_is_for_no_web_page_by_default(production: Synthesized, type_: str):
    """CORS is a setting, and off."""
    _, _, headers = gateway_response(production, type_)

    assert [] == [name for name in headers if name.startswith("access-control") or name == "vary"]


@each_response
def test_refusal_says_nothing_of_the_inside(production: Synthesized, type_: str):
    """The only thing taken from the request's context is its id."""
    response, _, _ = gateway_response(production, type_)

    assert 1 == response["ResponseTemplates"]["application/json"].count("$")


def test_a_refused_key_learns_the_scheme(production: Synthesized):
    """RFC 9110: a 401 names how to authenticate."""
    _, _, headers = gateway_response(production, "UNAUTHORIZED")

    assert "Bearer" == headers["www-authenticate"]


def test_routes_are_those_of_the_contract(production: Synthesized):
    """All about models demand a key; the webhook has its signature instead."""
    paths = paths_of(production)
    routes = {
        (method["HttpMethod"], paths[method["ResourceId"]["Ref"]]): method["AuthorizationType"]
        for method in production.properties("AWS::ApiGateway::Method")
        if method["HttpMethod"] != "ANY"
    }

    assert {
        ("GET", "/api/v1/models"): "CUSTOM",
        ("GET", "/api/v1/models/{model_id}"): "CUSTOM",
        ("GET", "/api/v1/models/{model_id}/info"): "CUSTOM",
        ("GET", "/api/v1/models/{model_id}/openapi.json"): "CUSTOM",
        ("POST", "/api/v1/models/{model_id}/predict"): "CUSTOM",
        ("POST", "/api/v1/models/{model_id}/deployments"): "CUSTOM",
        ("DELETE", "/api/v1/models/{model_id}/deployments"): "CUSTOM",
        ("POST", "/api/v1/models/{model_id}/deployments/reconcile"): "CUSTOM",
        ("POST", "/api/v1/models/{model_id}/deployments/{deployment_id}/redrive"): "CUSTOM",
        ("GET", "/api/v1/docs"): "NONE",
        ("GET", "/api/v1/docs/{asset}"): "NONE",
        ("GET", "/api/v1/health"): "NONE",
        ("GET", "/api/v1/openapi.json"): "NONE",
        ("POST", "/api/v1/webhooks/mlflow"): "NONE",
    } == routes


def test_every_address_catches_the_methods_that_it_does_not_take(production: Synthesized):
    """In its own function, which answers 405; no key is asked for, and no other method is open."""
    paths = paths_of(production)
    methods = production.properties("AWS::ApiGateway::Method")
    caught = {
        paths[method["ResourceId"]["Ref"]]: method
        for method in methods
        if method["HttpMethod"] == "ANY"
    }

    assert {paths[method["ResourceId"]["Ref"]] for method in methods} == caught.keys()
    assert {"NONE"} == {method["AuthorizationType"] for method in caught.values()}
    for method in methods:
        same = caught[paths[method["ResourceId"]["Ref"]]]
        assert method["Integration"]["Uri"] == same["Integration"]["Uri"]


def test_api_gateway_may_call_each_function_by_one_permission(production: Synthesized):
    """A policy that grew with every route would become too large to be written."""
    functions = [
        str(permission["FunctionName"])
        for permission in production.properties("AWS::Lambda::Permission")
        if permission["Principal"] == "apigateway.amazonaws.com"
    ]

    assert sorted(set(functions)) == sorted(functions)


def test_routes_lead_to_their_functions(production: Synthesized):
    """Predicting and looking are apart from operating: each function has only its own rights."""
    paths = paths_of(production)
    leads: dict[str, set[str]] = {}
    for method in production.properties("AWS::ApiGateway::Method"):
        (function,) = (
            part["Fn::GetAtt"][0]
            for part in method["Integration"]["Uri"]["Fn::Join"][1]
            if isinstance(part, dict) and "Fn::GetAtt" in part
        )
        handler = production.handler_of(function)
        leads.setdefault(handler, set()).add(paths[method["ResourceId"]["Ref"]])

    model = "/api/v1/models/{model_id}"
    assert {
        PREDICT.handler: {f"{model}/predict"},
        DESCRIBE.handler: {
            "/api/v1/docs",
            "/api/v1/docs/{asset}",
            "/api/v1/health",
            "/api/v1/models",
            "/api/v1/openapi.json",
            model,
            f"{model}/info",
            f"{model}/openapi.json",
        },
        OPERATE.handler: {
            f"{model}/deployments",
            f"{model}/deployments/reconcile",
            f"{model}/deployments/{{deployment_id}}/redrive",
        },
        MLFLOW_HOOK.handler: {"/api/v1/webhooks/mlflow"},
    } == leads


def test_authorizer_caches_by_key_and_address_for_a_minute(production: Synthesized):
    """A key can be bound to an address: what holds for one address says nothing of another."""
    authorizer = production.only("AWS::ApiGateway::Authorizer")

    assert "REQUEST" == authorizer["Type"]
    assert 60 == authorizer["AuthorizerResultTtlInSeconds"]
    sources = set(authorizer["IdentitySource"].split(","))
    assert {"method.request.header.Authorization", "context.identity.sourceIp"} == sources


def test_local_authorizer_leaves_the_address_out(local: Synthesized):
    """MiniStack takes the address for absent and would refuse every call."""
    authorizer = local.only("AWS::ApiGateway::Authorizer")

    assert "method.request.header.Authorization" == authorizer["IdentitySource"]


def test_compressed_bodies_are_inflated_by_api_gateway(production: Synthesized):
    """With compression on, it hands text over, which fits 6 MB; base64 would fit only 4.5."""
    api = production.only("AWS::ApiGateway::RestApi")

    assert 1_024 == api["MinimumCompressionSize"]
    assert not api.get("BinaryMediaTypes")


def test_locally_bodies_come_as_they_were_sent(local: Synthesized):
    """MiniStack inflates nothing, and would take compressed bytes for text."""
    assert ["application/json"] == local.only("AWS::ApiGateway::RestApi")["BinaryMediaTypes"]


def test_stage_writes_no_body_and_no_header_to_a_log(production: Synthesized):
    """Data tracing and execution logs stay off: both would hold keys and people's data."""
    stage = production.only("AWS::ApiGateway::Stage")
    (settings,) = stage["MethodSettings"]

    assert ("live", True) == (stage["StageName"], stage["TracingEnabled"])
    assert (False, "OFF") == (settings["DataTraceEnabled"], settings["LoggingLevel"])
    assert settings["ThrottlingRateLimit"] > 0 < settings["ThrottlingBurstLimit"]


def test_access_log_tells_who_what_and_how_long_and_not_the_key(production: Synthesized):
    """One JSON line per request, without any header."""
    line = json.loads(production.only("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"])

    assert {"requestId", "status", "latency_ms", "key_id"} <= line.keys()
    assert "$context.authorizer.key_id" == line["key_id"]
    assert "header" not in json.dumps(line).lower()


def test_api_url_is_the_base_path(production: Synthesized):
    """`{ApiUrl}/models/…` is an address: no slash at the end; the stage is the one there is."""
    base = production.output("ApiUrl")["Fn::Join"][1]
    stage = production.only("AWS::ApiGateway::Stage")["StageName"]

    assert ["https://", ".execute-api.", f".amazonaws.com/{stage}/api/v1"] == base[::2]
    assert [{"Ref": "AWS::Region"}] == base[3::2]
    webhook = production.output("WebhookUrl")["Fn::Join"][1]
    assert f".amazonaws.com/{stage}/api/v1/webhooks/mlflow" == webhook[-1]


def test_another_origin_becomes_the_address(tmp_path: Path):
    """MiniStack's path form, with the API's id in its place."""
    origin = "http://127.0.0.1:9/_aws/execute-api/{api_id}/live"
    stack = synthesize(replace(LOCAL, api_origin=origin), tmp_path)
    before, api, after = stack.output("ApiUrl")["Fn::Join"][1]

    assert ("http://127.0.0.1:9/_aws/execute-api/", "/live/api/v1") == (before, after)
    assert [api["Ref"]] == [id_ for id_, _ in stack.all("AWS::ApiGateway::RestApi")]


def test_a_domain_name_becomes_the_address(tmp_path: Path):
    """With domain and certificate set, the API is told under its own name."""
    certificate = "arn:aws:acm:us-east-1:000000000000:certificate/made-up"
    environment = replace(LOCAL, domain_name="models.example", certificate_arn=certificate)
    stack = synthesize(environment, tmp_path)

    assert "https://models.example/api/v1" == stack.output("ApiUrl")
    assert "https://models.example/api/v1" == stack.variables(RECONCILE.handler)["API_URL"]
    assert certificate == stack.only("AWS::ApiGateway::DomainName")["RegionalCertificateArn"]


def paths_of(stack: Synthesized) -> dict[str, str]:
    """Path by the logical id of its resource."""
    resources = dict(stack.all("AWS::ApiGateway::Resource"))

    def path(id_: str) -> str:
        parent = resources[id_]["Properties"]["ParentId"].get("Ref")
        return (path(parent) if parent else "") + "/" + resources[id_]["Properties"]["PathPart"]

    return {id_: path(id_) for id_ in resources}
