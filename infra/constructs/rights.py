"""Rights between our own parts, narrower than those that the CDK's grants give."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from infra.acknowledgements import acknowledge
from infra.constructs.python_function import PythonFunction
from infra.constructs.workflow_name import WorkflowName


def allow_starting(workflow: WorkflowName, function: lambda_.Function) -> None:
    """Let *function* start executions of *workflow*."""
    iam.Grant.add_to_principal(
        grantee=function,
        actions=["states:StartExecution"],
        resource_arns=[workflow.machine_arn],
    )


def allow_describing(workflow: WorkflowName, python: PythonFunction) -> None:
    """Let the function of *python* see how any execution of *workflow* stands."""
    iam.Grant.add_to_principal(
        grantee=python.function,
        actions=["states:DescribeExecution"],
        resource_arns=[workflow.executions_arn],
    )
    found = (
        "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>"
        f":execution:{workflow.name}:*]"
    )
    acknowledge(python, {found: "Executions are named after deployments, which come and go."})


def allow_invoking(invoked: lambda_.IFunction, function: lambda_.Function) -> None:
    """Let *function* call *invoked* itself, and none of its versions."""
    iam.Grant.add_to_principal(
        grantee=function,
        actions=["lambda:InvokeFunction"],
        resource_arns=[invoked.function_arn],
    )
