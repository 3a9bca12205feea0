"""The share of calls that X-Ray traces."""

from aws_cdk import Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_xray as xray
from constructs import Construct

_PRIORITY = 1_000
_MAX_NAME_CHARACTERS = 32


def sample_traces(scope: Construct, api: apigateway.RestApi, *, name: str, share: float) -> None:
    """Trace the *share* of calls of *api*, by a rule called *name* (32 characters at most).

    X-Ray's own rule traces one call a second besides, which are all calls of a service that has
    few: that alone would cost more than API Gateway. Failed calls are in the logs anyway.
    Source: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
    """
    stage_arn = Stack.of(scope).format_arn(
        service="apigateway",
        account="",
        resource="/restapis",
        resource_name=f"{api.rest_api_id}/stages/*",
    )
    xray.CfnSamplingRule(
        scope,
        "Traces",
        sampling_rule=xray.CfnSamplingRule.SamplingRuleProperty(
            rule_name=name[:_MAX_NAME_CHARACTERS],
            priority=_PRIORITY,
            reservoir_size=0,
            fixed_rate=share,
            resource_arn=stage_arn,
            service_name="*",
            service_type="AWS::ApiGateway::Stage",
            host="*",
            http_method="*",
            url_path="*",
            version=1,
        ),
    )
