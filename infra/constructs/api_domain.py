"""The API's own domain name, and the DNS records that lead to it."""

from aws_cdk import CfnOutput
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as certificatemanager
from aws_cdk import aws_route53 as route53
from constructs import Construct

from infra.config import Environment

_RECORD_TYPES = ("A", "AAAA")


def add_domain(scope: Construct, api: apigateway.RestApi, environment: Environment) -> None:
    """Give *api* the domain name of *environment*, if it has one.

    With a hosted zone of Route 53 the records are made; else the stack's outputs say what a record
    of another DNS (CNAME, or ALIAS at a zone's apex) must point to.
    """
    if not (environment.domain_name and environment.certificate_arn):
        return
    certificate = certificatemanager.Certificate.from_certificate_arn(
        scope, "Certificate", environment.certificate_arn
    )
    domain = api.add_domain_name(
        "CustomDomain",
        domain_name=environment.domain_name,
        certificate=certificate,
        endpoint_type=apigateway.EndpointType.REGIONAL,
        security_policy=apigateway.SecurityPolicy.TLS_1_2,
    )
    _answer_over_ipv6(domain)
    if environment.hosted_zone_id:
        _add_records(domain, environment.domain_name, environment.hosted_zone_id)
    else:
        for output, value in {
            "DomainTarget": domain.domain_name_alias_domain_name,
            "DomainTargetZone": domain.domain_name_alias_hosted_zone_id,
        }.items():
            CfnOutput(scope, output, value=value).override_logical_id(output)


def _answer_over_ipv6(domain: apigateway.DomainName) -> None:
    """Without it an AAAA record leads nowhere; the CDK has no property for it.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html
    """
    resource = domain.node.default_child
    assert isinstance(resource, apigateway.CfnDomainName)  # noqa: S101 - for the type checker
    resource.add_property_override("EndpointConfiguration.IpAddressType", "dualstack")


def _add_records(domain: apigateway.DomainName, name: str, hosted_zone_id: str) -> None:
    for type_ in _RECORD_TYPES:
        route53.CfnRecordSet(
            domain,
            f"Record{type_}",
            name=name,
            type=type_,
            hosted_zone_id=hosted_zone_id,
            alias_target=route53.CfnRecordSet.AliasTargetProperty(
                dns_name=domain.domain_name_alias_domain_name,
                hosted_zone_id=domain.domain_name_alias_hosted_zone_id,
            ),
        )
