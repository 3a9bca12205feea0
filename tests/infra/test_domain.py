"""The API's own domain name: address, DNS, and no way around it."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.context import MissingSettingError, environment_from_context
from infra.environments import PRODUCTION
from infra.functions import RECONCILE
from tests.infra.synthesized import Synthesized, synthesize

NAME = "models.example"
CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/made-up"
ZONE = "Z0123456789"
DOMAIN, RECORD = "AWS::ApiGateway::DomainName", "AWS::Route53::RecordSet"
TARGET = ("RegionalDomainName", "RegionalHostedZoneId")
ENVIRONMENT = replace(PRODUCTION, domain_name=NAME, certificate_arn=CERTIFICATE)


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The template with a domain whose DNS is not Route 53."""
    return synthesize(ENVIRONMENT, tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def in_route_53(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """The template with a domain in a hosted zone."""
    environment = replace(ENVIRONMENT, hosted_zone_id=ZONE)
    return synthesize(environment, tmp_path_factory.mktemp("route53"))


def target_of(stack: Synthesized) -> list[dict[str, list[str]]]:
    """Return what a record of the domain points to: a name and its zone."""
    ((domain, _),) = stack.all(DOMAIN)
    return [{"Fn::GetAtt": [domain, attribute]} for attribute in TARGET]


def test_the_domain_is_the_address(elsewhere: Synthesized):
    """For callers and functions; all of the stage is below it."""
    assert f"https://{NAME}/api/v1" == elsewhere.output("ApiUrl")
    assert f"https://{NAME}/api/v1" == elsewhere.variables(RECONCILE.handler)["API_URL"]
    assert f"https://{NAME}/api/v1/webhooks/mlflow" == elsewhere.output("WebhookUrl")
    domain = elsewhere.only(DOMAIN)
    assert (NAME, CERTIFICATE) == (domain["DomainName"], domain["RegionalCertificateArn"])
    assert "BasePath" not in elsewhere.only("AWS::ApiGateway::BasePathMapping")


def test_records_lead_to_the_domain_over_ipv4_and_ipv6(in_route_53: Synthesized):
    """An AAAA record leads nowhere unless the domain answers over IPv6 too."""
    records = in_route_53.properties(RECORD)
    targets = [[r["AliasTarget"]["DNSName"], r["AliasTarget"]["HostedZoneId"]] for r in records]

    assert ["A", "AAAA"] == sorted(record["Type"] for record in records)
    assert {(NAME, ZONE)} == {(record["Name"], record["HostedZoneId"]) for record in records}
    assert [target_of(in_route_53)] * 2 == targets
    configuration = in_route_53.only(DOMAIN)["EndpointConfiguration"]
    assert {"Types": ["REGIONAL"], "IpAddressType": "dualstack"} == configuration


def test_another_dns_learns_the_target_from_outputs(
    elsewhere: Synthesized, in_route_53: Synthesized
):
    """No record is made then."""
    assert [] == elsewhere.properties(RECORD)
    outputs = [elsewhere.output(name) for name in ("DomainTarget", "DomainTargetZone")]
    assert target_of(elsewhere) == outputs
    assert not {"DomainTarget", "DomainTargetZone"} & in_route_53.template["Outputs"].keys()


def test_aws_own_address_is_off_once_there_is_a_domain(
    production: Synthesized, elsewhere: Synthesized
):
    """It takes effect with a new deployment of the API alone.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html
    """
    api = "AWS::ApiGateway::RestApi"

    assert not production.only(api).get("DisableExecuteApiEndpoint")
    assert elsewhere.only(api)["DisableExecuteApiEndpoint"]
    assert not dict(production.all("AWS::ApiGateway::Deployment")).keys() & set(
        dict(elsewhere.all("AWS::ApiGateway::Deployment"))
    )


def test_cdk_nag_has_no_finding_about_a_domain(elsewhere: Synthesized, in_route_53: Synthesized):
    """As without one."""
    assert not elsewhere.findings | in_route_53.findings


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"domain_name": NAME}, "certificate_arn"),
        ({"domain_name": NAME, "hosted_zone_id": ZONE}, "certificate_arn"),
        ({"certificate_arn": CERTIFICATE}, "domain_name"),
        ({"hosted_zone_id": ZONE}, "domain_name"),
    ],
)
def test_half_a_domain_is_refused(given: dict[str, str], missing: str):
    """Every address would name a domain that does not exist."""
    with pytest.raises(MissingSettingError, match=f"-c {missing}="):
        environment_from_context(given.get)


def test_a_whole_domain_is_taken(tmp_path: Path):
    """By `-c`, as by the environment's own fields."""
    given = {"domain_name": NAME, "certificate_arn": CERTIFICATE, "hosted_zone_id": ZONE}
    environment = environment_from_context(given.get)

    stack = synthesize(environment, tmp_path)
    assert {NAME} == {record["Name"] for record in stack.properties(RECORD)}
