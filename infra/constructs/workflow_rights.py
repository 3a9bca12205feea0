"""The workflow's right to call its tasks, in every version."""

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn

from infra.nag import acknowledge


def allow_all_versions(machine: sfn.StateMachine, tasks: Sequence[lambda_.Function]) -> None:
    """Let executions of earlier definitions go on calling the versions that those name."""
    versions = [f"{task.function_arn}:*" for task in tasks]
    machine.add_to_role_policy(
        iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=versions)
    )
    reason = "Log delivery's and X-Ray's actions name no resource."
    findings = {"AwsSolutions-IAM5[Resource::*]": reason}
    for task in tasks:
        id_ = Stack.of(machine).resolve(task.function_arn)["Fn::GetAtt"][0]
        findings[f"AwsSolutions-IAM5[Resource::<{id_}.Arn>:*]"] = "Versions of the function."
    acknowledge(machine, findings)
