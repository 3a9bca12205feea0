"""A limit on the requests of one API key, by AWS WAF: API Gateway has none of one caller."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

MIN_PER_MINUTE = 10
"""Smallest limit of WAF's."""
WINDOW_S = 60
"""Shortest window of WAF's. It counts every ten seconds or so, so a burst passes at first. Source:
https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
"""


def limit_keys(scope: Construct, stage: apigateway.Stage, *, per_minute: int) -> None:
    """Refuse the requests of an API key that sends more than *per_minute*, as long as it does.

    The answer is API Gateway's `WAF_FILTERED` (see `gateway_responses`). Requests without the
    header `Authorization` are not counted: they get 401, or need no key.
    """
    header = waf.CfnWebACL.RateLimitHeaderProperty(
        name="authorization",
        text_transformations=[waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")],
    )
    by_key = waf.CfnWebACL.RateBasedStatementCustomKeyProperty(header=header)
    rule = waf.CfnWebACL.RuleProperty(
        name="RequestsOfAKey",
        priority=0,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="CUSTOM_KEYS",
                custom_keys=[by_key],
                evaluation_window_sec=WINDOW_S,
                limit=per_minute,
            )
        ),
        visibility_config=_visible("RequestsOfAKey"),
    )
    acl = waf.CfnWebACL(
        scope,
        "KeyLimit",
        scope="REGIONAL",
        default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
        rules=[rule],
        visibility_config=_visible("KeyLimit"),
    )
    waf.CfnWebACLAssociation(
        scope, "KeyLimitOfStage", resource_arn=stage.stage_arn, web_acl_arn=acl.attr_arn
    )


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    """Return metrics without samples of requests, whose headers hold keys."""
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
