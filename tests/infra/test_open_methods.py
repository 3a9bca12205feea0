"""What anybody can do without an API key: nothing that runs a function without a low limit."""

import json

from functions.common import problem
from functions.common.errors import MethodNotAllowedError
from infra.environments import PRODUCTION
from tests.infra.synthesized import Json, Synthesized
from tests.infra.test_api import paths_of
from tests.infra.test_gateway_responses import gateway_response

OPEN = {
    "/api/v1/docs",
    "/api/v1/docs/{asset}",
    "/api/v1/health",
    "/api/v1/openapi.json",
    "/api/v1/webhooks/mlflow",
}


def methods_of(stack: Synthesized) -> dict[tuple[str, str], Json]:
    """Return each method by path and name."""
    paths = paths_of(stack)
    return {
        (paths[method["ResourceId"]["Ref"]], method["HttpMethod"]): method
        for method in stack.properties("AWS::ApiGateway::Method")
    }


def limits_of(stack: Synthesized) -> dict[tuple[str, str], float]:
    """Return requests per second by path and method, where a method has a limit of its own."""
    return {
        (
            settings["ResourcePath"].replace("~1", "/").removeprefix("/"),
            settings["HttpMethod"],
        ): settings["ThrottlingRateLimit"]
        for settings in stack.only("AWS::ApiGateway::Stage")["MethodSettings"]
    }


def test_what_runs_a_function_needs_a_key_or_has_a_low_limit(production: Synthesized):
    """Every call of a function is paid for, also one that is refused."""
    limits = limits_of(production)
    everybodys = {
        key
        for key, method in methods_of(production).items()
        if method["AuthorizationType"] == "NONE" and method["Integration"]["Type"] != "MOCK"
    }

    assert OPEN == {path for path, _ in everybodys}
    for key in everybodys:
        assert limits[key] <= PRODUCTION.requests_per_second / 10


def test_every_address_takes_any_method(production: Synthesized):
    """API Gateway would call a known address with another method an unknown one."""
    methods = methods_of(production)
    paths = {path for path, _ in methods}

    assert {(path, "ANY") for path in paths} <= methods.keys()


def test_other_methods_need_a_key_where_the_address_does(production: Synthesized):
    """They lead to its function, which answers 405; without a key API Gateway answers 401."""
    methods = methods_of(production)
    for (path, name), method in methods.items():
        other = methods[path, "ANY"]
        if path in OPEN:
            assert ("NONE", "MOCK") == (other["AuthorizationType"], other["Integration"]["Type"])
        elif name != "ANY":
            for same in ("AuthorizationType", "AuthorizerId"):
                assert method[same] == other[same]
            assert method["Integration"]["Uri"] == other["Integration"]["Uri"]


def test_api_gateway_itself_refuses_other_methods_of_open_addresses(production: Synthesized):
    """With 405, `Allow` and a problem document, as a function would."""
    methods = methods_of(production)
    for path in OPEN:
        mock = methods[path, "ANY"]["Integration"]
        allowed = ", ".join(sorted(name for at, name in methods if at == path and name != "ANY"))
        (answer,) = mock["IntegrationResponses"]
        headers = answer["ResponseParameters"]
        body = json.loads(answer["ResponseTemplates"]["application/json"])
        (declared,) = methods[path, "ANY"]["MethodResponses"]

        assert {"statusCode": 405} == json.loads(mock["RequestTemplates"]["application/json"])
        assert "405" == answer["StatusCode"] == declared["StatusCode"]
        assert f"'{allowed}'" == headers["method.response.header.Allow"]
        assert f"'{problem.CONTENT_TYPE}'" == headers["method.response.header.Content-Type"]
        assert "context.requestId" == headers["method.response.header.X-Request-Id"]
        assert headers.keys() == declared["ResponseParameters"].keys()
        error = MethodNotAllowedError(body["detail"], allowed=[allowed])
        expected = problem.problem(error, detail=error.detail, request_id="$context.requestId")
        assert expected == body


def test_who_is_throttled_comes_back_in_a_second(production: Synthesized):
    """The limit is one of requests per second; the quota of a key is another thing."""
    _, body, headers = gateway_response(production, "THROTTLED")
    _, quota, _ = gateway_response(production, "QUOTA_EXCEEDED")

    assert (1, "1") == (body["retry_after_s"], headers["retry-after"])
    assert 60 == quota["retry_after_s"]
