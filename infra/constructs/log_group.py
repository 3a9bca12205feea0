"""Log groups of the stack: kept as long as the environment says, deleted with the stack."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Environment


def log_group(
    scope: Construct, id_: str, environment: Environment, *, name: str | None = None
) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        id_,
        log_group_name=name,
        retention=environment.log_retention,
        removal_policy=RemovalPolicy.DESTROY,
    )
