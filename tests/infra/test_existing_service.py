"""What this API has no route for goes on to the service that had its host name before.

Deployed to MiniStack by tests/local/test_existing_service.py; here is what MiniStack does not heed.
"""

from dataclasses import replace

import pytest

from infra.context import environment_from_context
from infra.environments import LOCAL, PRODUCTION, STAGING, ConfigurationError
from infra.routes import BASE_PATH, ROUTES
from tests.infra.synthesized import Json, Synthesized, synthesize
from tests.infra.test_api import paths_of
from tests.infra.test_open_methods import limits_of
from tests.infra.test_rules import errors_in

URL = "https://existing.example/base"
NAME = "api.example"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/made-up"
PAGE = "https://app.example"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The template with an existing service and a domain."""
    environment = replace(
        STAGING,
        existing_service_url=f"{URL}/",
        domain_name=NAME,
        certificate_arn=CERTIFICATE,
        cors_origins=(PAGE,),
    )
    return synthesize(environment, tmp_path_factory.mktemp("existing"))


def methods_of(stack: Synthesized) -> dict[tuple[str, str], Json]:
    """Return each method by path (empty: the root) and name."""
    paths = paths_of(stack)
    return {
        (paths.get(each["ResourceId"].get("Ref"), ""), each["HttpMethod"]): each
        for each in stack.properties("AWS::ApiGateway::Method")
    }


def passed_on(stack: Synthesized) -> dict[str, Json]:
    """Return the methods with another service behind them, by path."""
    return {
        path: method
        for (path, _), method in methods_of(stack).items()
        if method["Integration"]["Type"] == "HTTP_PROXY"
    }


def test_the_root_and_all_below_it_go_on(stack: Synthesized):
    """`{proxy+}` does not match the root; the path's end is mapped, or the URL is not valid.

    Source: https://repost.aws/knowledge-center/api-gateway-proxy-path-character-error
    """
    methods = passed_on(stack)
    root, rest = methods[""], methods["/{proxy+}"]

    assert {"", "/{proxy+}"} == methods.keys()
    assert (f"{URL}/", f"{URL}/{{proxy}}") == tuple(
        method["Integration"]["Uri"] for method in (root, rest)
    )
    for method in (root, rest):
        assert ("ANY", "NONE") == (method["HttpMethod"], method["AuthorizationType"])
        assert "ANY" == method["Integration"]["IntegrationHttpMethod"]
    assert rest["RequestParameters"]["method.request.path.proxy"]
    mapped = rest["Integration"]["RequestParameters"]
    assert "method.request.path.proxy" == mapped["integration.request.path.proxy"]


def test_ours_win_on_their_own_methods_alone(stack: Synthesized):
    """API Gateway falls through to the greedy route where an address lacks the method.

    With ANY at our addresses it would not; preflights of pages stay ours.
    """
    ours = {(f"{BASE_PATH}/{route.path}", route.method) for route in ROUTES}
    preflights = {(path, "OPTIONS") for path, _ in ours}

    assert ours | preflights == methods_of(stack).keys() - {("", "ANY"), ("/{proxy+}", "ANY")}


def test_answers_are_streamed(stack: Synthesized):
    """They pass as they come, also over 10 MB and after 29 s, and are not compressed once more."""
    for method in passed_on(stack).values():
        integration = method["Integration"]
        assert "STREAM" == integration["ResponseTransferMode"]
        assert 15 * 60 * 1000 == integration["TimeoutInMillis"]


def test_the_existing_service_sees_its_own_name(stack: Synthesized):
    """API Gateway would send the host of the URL. Without a domain there is no name to keep."""
    for method in passed_on(stack).values():
        mapped = method["Integration"]["RequestParameters"]
        assert f"'{NAME}'" == mapped["integration.request.header.Host"]


def test_each_side_has_limits_of_its_own(stack: Synthesized):
    """Who floods the existing service does not use up the account's 10,000 a second."""
    limits = limits_of(stack)
    ours = {
        (f"{BASE_PATH}/{route.path}", route.method): PRODUCTION.open_requests_per_second
        if route.open_because
        else PRODUCTION.requests_per_second
        for route in ROUTES
    }

    assert ours | {("*", "*"): PRODUCTION.existing_service_requests_per_second} == limits


def test_without_the_setting_nothing_goes_on(production: Synthesized):
    """An unknown address is 404."""
    assert {} == passed_on(production)


def test_the_rules_are_kept(stack: Synthesized):
    """Of cdk-nag and cfn-lint."""
    assert set() == stack.findings
    assert "" == errors_in(stack)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://existing.example", "https://"),
        ("existing.example", "https://"),
        ("https://", "no host"),
        ("https:///path", "no host"),
        ("https://user:secret@existing.example", "password"),
        ("https://existing.example?a=1", "query"),
        ("https://existing.example/#a", "fragment"),
        ("https://existing.example/{proxy}", "path"),
        ("https://existing.example/a b", "space"),
        ("https://existing.example:22", "ports"),
        ("https://existing.example:99999", "not a URL"),
        (f"https://{NAME}", "circle"),
        (f"https://{NAME.upper()}.:443/x", "circle"),
    ],
)
def test_a_url_that_cannot_work_is_refused(url: str, says: str):
    """At synthesis, in a sentence that names the setting."""
    given = {
        "existing_service_url": url,
        "domain_name": NAME,
        "certificate_arn": CERTIFICATE,
    }

    with pytest.raises(ConfigurationError, match=f"existing_service_url.*{says}"):
        environment_from_context(given.get)


@pytest.mark.parametrize("url", [URL, "https://existing.example:8443", "https://x.example/a/b/"])
def test_a_usable_url_is_taken(url: str):
    """Also without a domain of the API's."""
    environment = environment_from_context({"existing_service_url": url}.get)

    assert url == environment.existing_service_url


def test_the_local_environment_takes_plain_http():
    """Nothing on this machine has a certificate."""
    given = {"env": LOCAL.name, "existing_service_url": "http://127.0.0.1:9000"}

    assert environment_from_context(given.get).existing_service_url
