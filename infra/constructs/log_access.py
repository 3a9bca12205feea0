"""The right to read another function's log."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs


def allow_reading_log(function: lambda_.Function, log: logs.LogGroup, *, variable: str) -> None:
    """Let *function* read every line of *log*; *variable* is set to its name.

    IAM's reference has the name's own ARN for the action; calls are held against the one of all the
    log's streams (`…:log-group:<name>:log-stream:`).
    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    """
    own_arn = Stack.of(function).format_arn(
        service="logs",
        resource="log-group",
        resource_name=log.log_group_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    iam.Grant.add_to_principal(
        grantee=function,
        actions=["logs:FilterLogEvents"],
        resource_arns=[own_arn, log.log_group_arn],
    )
    function.add_environment(variable, log.log_group_name)
