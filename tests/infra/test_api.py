"""Routes of the REST API, authorization, access log, address."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

from infra.environments import LOCAL
from infra.functions import DESCRIBE, MLFLOW_HOOK, OPERATE, PREDICT
from tests.infra.synthesized import Synthesized, synthesize


def test_routes_are_the_documented_ones(production: Synthesized):
    """Routes about models need a key; the webhook is signed instead."""
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
        ("GET", "/api/v1/models/{model_id}/deployments/{deployment_id}"): "CUSTOM",
        ("GET", "/api/v1/models/{model_id}/deployments/{deployment_id}/logs"): "CUSTOM",
        ("GET", "/api/v1/models/{model_id}/usage"): "CUSTOM",
        ("POST", "/api/v1/models/{model_id}/deployments/{deployment_id}/redrive"): "CUSTOM",
        ("GET", "/api/v1/docs"): "NONE",
        ("GET", "/api/v1/docs/{asset}"): "NONE",
        ("GET", "/api/v1/health"): "NONE",
        ("GET", "/api/v1/openapi.json"): "NONE",
        ("POST", "/api/v1/webhooks/mlflow"): "NONE",
    } == routes


def test_api_gateway_has_one_permission_per_function(production: Synthesized):
    """One permission per route would exceed the size limit of a policy."""
    functions = [
        str(permission["FunctionName"])
        for permission in production.properties("AWS::Lambda::Permission")
        if permission["Principal"] == "apigateway.amazonaws.com"
    ]

    assert sorted(set(functions)) == sorted(functions)


def test_routes_call_their_functions(production: Synthesized):
    """Prediction, description and operations are separate functions with separate rights."""
    paths = paths_of(production)
    leads: dict[str, set[str]] = {}
    for method in production.properties("AWS::ApiGateway::Method"):
        if method["Integration"]["Type"] == "MOCK":
            continue
        (alias,) = (
            part["Ref"]
            for part in method["Integration"]["Uri"]["Fn::Join"][1]
            if isinstance(part, dict) and not part["Ref"].startswith("AWS::")
        )
        handler = production.handler_of(alias)
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
            f"{model}/deployments/{{deployment_id}}",
            f"{model}/openapi.json",
        },
        OPERATE.handler: {
            f"{model}/deployments",
            f"{model}/deployments/reconcile",
            f"{model}/deployments/{{deployment_id}}/logs",
            f"{model}/deployments/{{deployment_id}}/redrive",
            f"{model}/usage",
        },
        MLFLOW_HOOK.handler: {"/api/v1/webhooks/mlflow"},
    } == leads


def test_authorizer_caches_by_key_and_address_for_a_minute(production: Synthesized):
    """A key can be bound to an address, so the address is part of the cache's key."""
    authorizer = production.only("AWS::ApiGateway::Authorizer")

    assert "REQUEST" == authorizer["Type"]
    assert 60 == authorizer["AuthorizerResultTtlInSeconds"]
    sources = set(authorizer["IdentitySource"].split(","))
    assert {"method.request.header.Authorization", "context.identity.sourceIp"} == sources


def test_local_authorizer_caches_by_key_only(local: Synthesized):
    """MiniStack has no source address and would refuse every call."""
    authorizer = local.only("AWS::ApiGateway::Authorizer")

    assert "method.request.header.Authorization" == authorizer["IdentitySource"]


def test_compressed_bodies_are_inflated_by_api_gateway(production: Synthesized):
    """The smallest that gzip can make too: below the threshold bodies are not inflated."""
    api = production.only("AWS::ApiGateway::RestApi")

    assert api["MinimumCompressionSize"] <= len(gzip.compress(b""))


def test_no_body_is_taken_for_text(production: Synthesized, local: Synthesized):
    """Text would be ruined where it is not UTF-8, and could outgrow Lambda's limit by escapes."""
    for stack in (production, local):
        assert ["*/*"] == stack.only("AWS::ApiGateway::RestApi")["BinaryMediaTypes"]


def test_mock_integrations_take_binary_bodies(tmp_path: Path):
    """With all bodies binary they answer 500 unless they convert them; MiniStack does not care.

    Source: https://github.com/aws/serverless-application-model/issues/553
    """
    stack = synthesize(replace(LOCAL, cors_origins=("https://app.example",)), tmp_path)
    integrations = [each["Integration"] for each in stack.properties("AWS::ApiGateway::Method")]
    mocks = [each for each in integrations if each["Type"] == "MOCK"]

    assert len(mocks) > len({"ANY", "OPTIONS"})
    assert {"CONVERT_TO_TEXT"} == {each.get("ContentHandling") for each in mocks}


def test_stage_logs_no_body_and_no_header(production: Synthesized):
    """Data tracing and execution logs are off: both would contain keys and personal data.

    Also for a method with settings of its own, which has none of the stage's.
    """
    stage = production.only("AWS::ApiGateway::Stage")

    assert ("live", True) == (stage["StageName"], stage["TracingEnabled"])
    for settings in stage["MethodSettings"]:
        assert (False, "OFF") == (settings["DataTraceEnabled"], settings["LoggingLevel"])
        assert settings["MetricsEnabled"]
        assert settings["ThrottlingRateLimit"] > 0 < settings["ThrottlingBurstLimit"]


def test_a_twentieth_of_the_calls_is_traced(production: Synthesized, local: Synthesized):
    """By a rule for this API's stage alone; MiniStack knows no rules."""
    rule = production.only("AWS::XRay::SamplingRule")["SamplingRule"]
    ((api, _),) = production.all("AWS::ApiGateway::RestApi")

    assert (0.05, 0) == (rule["FixedRate"], rule["ReservoirSize"])
    *_, before, named, after = rule["ResourceARN"]["Fn::Join"][1]
    assert ("::/restapis/", {"Ref": api}, "/stages/*") == (before, named, after)
    assert [] == local.properties("AWS::XRay::SamplingRule")


def test_access_log_has_caller_request_and_duration_without_the_key(production: Synthesized):
    """One JSON line per request, without any header."""
    line = json.loads(production.only("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"])

    assert {"requestId", "status", "latency_ms", "key_id"} <= line.keys()
    assert "$context.authorizer.key_id" == line["key_id"]
    assert "header" not in json.dumps(line).lower()


def test_api_url_is_the_base_path(production: Synthesized):
    """`{ApiUrl}/models/…` is an address: no slash at the end, and the stage is the deployed one."""
    base = production.output("ApiUrl")["Fn::Join"][1]
    stage = production.only("AWS::ApiGateway::Stage")["StageName"]

    assert ["https://", ".execute-api.", f".amazonaws.com/{stage}/api/v1"] == base[::2]
    assert [{"Ref": "AWS::Region"}] == base[3::2]
    webhook = production.output("WebhookUrl")["Fn::Join"][1]
    assert f".amazonaws.com/{stage}/api/v1/webhooks/mlflow" == webhook[-1]


def test_api_origin_sets_the_address(tmp_path: Path):
    """MiniStack's path form, with the API's id inserted."""
    origin = "http://127.0.0.1:9/_aws/execute-api/{api_id}/live"
    stack = synthesize(replace(LOCAL, api_origin=origin), tmp_path)
    before, api, after = stack.output("ApiUrl")["Fn::Join"][1]

    assert ("http://127.0.0.1:9/_aws/execute-api/", "/live/api/v1") == (before, after)
    assert [api["Ref"]] == [id_ for id_, _ in stack.all("AWS::ApiGateway::RestApi")]


def paths_of(stack: Synthesized) -> dict[str, str]:
    """Return the path by the logical id of its resource."""
    resources = dict(stack.all("AWS::ApiGateway::Resource"))

    def path(id_: str) -> str:
        parent = resources[id_]["Properties"]["ParentId"].get("Ref")
        return (path(parent) if parent else "") + "/" + resources[id_]["Properties"]["PathPart"]

    return {id_: path(id_) for id_ in resources}
