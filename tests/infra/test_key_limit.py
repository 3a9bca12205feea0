"""A key cannot use up the service, where the installation limits keys."""

from dataclasses import replace

import pytest

from infra.context import environment_from_context
from infra.environments import PRODUCTION, ConfigurationError
from tests.infra.synthesized import Synthesized, synthesize


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    environment = replace(PRODUCTION, key_requests_per_minute=600)
    return synthesize(environment, tmp_path_factory.mktemp("limited"))


def test_requests_are_counted_by_key(limited: Synthesized):
    """In WAF's shortest window; no request is kept as a sample."""
    acl = limited.only("AWS::WAFv2::WebACL")
    (rule,) = acl["Rules"]
    counted = rule["Statement"]["RateBasedStatement"]

    assert (600, 60) == (counted["Limit"], counted["EvaluationWindowSec"])
    assert "CUSTOM_KEYS" == counted["AggregateKeyType"]
    assert ["authorization"] == [each["Header"]["Name"] for each in counted["CustomKeys"]]
    assert {"Block": {}} == rule["Action"]
    assert {"Allow": {}} == acl["DefaultAction"]
    shown = [each["VisibilityConfig"]["SampledRequestsEnabled"] for each in (acl, rule)]
    assert [False, False] == shown


def test_the_stage_has_the_limit(limited: Synthesized):
    """Of the API that answers callers."""
    association = limited.only("AWS::WAFv2::WebACLAssociation")
    ((acl, _),) = limited.all("AWS::WAFv2::WebACL")
    ((stage, _),) = limited.all("AWS::ApiGateway::Stage")

    assert {"Fn::GetAtt": [acl, "Arn"]} == association["WebACLArn"]
    assert {"Ref": stage} in association["ResourceArn"]["Fn::Join"][1]


def test_a_refused_key_gets_429(limited: Synthesized, production: Synthesized):
    """Otherwise a WAF of the account's own refuses with 403."""

    def filtered(stack: Synthesized) -> str:
        responses = stack.properties("AWS::ApiGateway::GatewayResponse")
        (found,) = (each for each in responses if each["ResponseType"] == "WAF_FILTERED")
        return str(found["StatusCode"])

    assert ("429", "403") == (filtered(limited), filtered(production))


def test_without_a_limit_there_is_no_waf(production: Synthesized):
    """It costs 0.60 USD a million requests."""
    assert [] == production.properties("AWS::WAFv2::WebACL")


def test_the_setting_is_a_number():
    """From the least that WAF counts."""
    for value, limit in (("0", 0), ("10", 10), ("6000", 6000)):
        context = {"key_requests_per_minute": value}
        assert limit == environment_from_context(context.get).key_requests_per_minute


@pytest.mark.parametrize("value", ["9", "-1", "ten", "1.5", "٣٠"])
def test_other_values_are_refused(value: str):
    """With what it takes."""
    with pytest.raises(ConfigurationError, match="whole number from 10"):
        environment_from_context({"key_requests_per_minute": value}.get)
