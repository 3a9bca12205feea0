"""A Lambda function of the table: runtime, bundle, logs, tracing, and exactly its rights.

Every deployment that changes it publishes a version of it, and the alias `live` names that version.
"""

import platform

from aws_cdk import Duration, RemovalPolicy, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.common.metric_names import ENVIRONMENT_VARIABLE
from infra.config import Environment
from infra.constructs.log_group import log_group
from infra.constructs.shared_resources import SharedResources
from infra.function_alias import ALIAS
from infra.function_spec import FunctionSpec
from infra.nag import acknowledge
from infra.snapshots import snap_start

GENERATION = 1
"""Raise it when a release of the CDK gives unchanged functions other versions (a test notices)."""
_ARM = {"aarch64", "arm64"}
_ACKNOWLEDGED = {
    "AwsSolutions-IAM5[Resource::*]": "X-Ray's actions name no resource.",
    "AwsSolutions-L1": "The locks and MLflow's models are tested with Python 3.13.",
}


class PythonFunction(Construct):
    """The function of *spec*.

    Attributes:
        version, logs: The version that this template publishes, and the function's log.
        live: The alias by which everybody calls the function; executions of the workflow, which
            name versions, are the exception.
    """

    def __init__(
        self, scope: Construct, id_: str, *, spec: FunctionSpec, shared: SharedResources
    ) -> None:
        super().__init__(scope, id_)
        environment = shared.environment
        size = spec.size_in(environment)
        self.logs = log_group(self, "Logs", environment)
        # The role that the CDK makes may write to every log group.
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.logs.grant_write(role)
        self.function = lambda_.Function(
            self,
            "Function",
            description=f"Hokus model serving, {spec.service}, generation {GENERATION}",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=_architecture(environment.python_platform),
            handler=spec.handler,
            code=shared.bundles.code(spec.bundle),
            memory_size=size.memory_mib,
            timeout=Duration.seconds(size.timeout_s),
            reserved_concurrent_executions=spec.executions_in(environment),
            ephemeral_storage_size=Size.mebibytes(size.storage_mib),
            role=role,
            snap_start=snap_start(spec, environment),
            log_group=self.logs,
            logging_format=lambda_.LoggingFormat.JSON,
            # Three lines of Lambda's own about each call, of which the metrics have the figures.
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            tracing=lambda_.Tracing.ACTIVE,
            environment={
                ENVIRONMENT_VARIABLE: environment.name,
                "POWERTOOLS_SERVICE_NAME": spec.service,
                **shared.variables(spec),
            },
            # Executions that have begun still call an older version. One whose deployment is rolled
            # back goes: Lambda would not publish the same again, as it compares with the newest.
            # Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
            current_version_options=lambda_.VersionOptions(
                removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
            ),
        )
        self.version = self.function.current_version
        self.live = lambda_.Alias(self, "Live", alias_name=ALIAS, version=self.version)
        self._grant_data(spec, shared)
        if spec.reads_artifacts:
            self._grant_artifacts(environment)
        self._grant_workflow(spec, shared)
        acknowledge(self, _ACKNOWLEDGED)

    def allow_invoking(self, invoked: lambda_.Alias, *, variable: str) -> None:
        """Let the function call *invoked* and nothing else; *variable* is set to its ARN."""
        self._grant(invoked.function_arn, "lambda:InvokeFunction")
        self.function.add_environment(variable, invoked.function_arn)

    def _grant_data(self, spec: FunctionSpec, shared: SharedResources) -> None:
        table, state = shared.table, shared.state.table
        if spec.table_actions:
            # The CDK's grant would allow the actions on all indexes as well.
            self._grant(table.table.table_arn, *spec.table_actions)
            self.function.add_environment("TABLE_NAME", table.table.table_name)
        for index in spec.queried_indexes:
            self._grant(table.index_arn(index), "dynamodb:Query")
        if spec.state_actions:
            self._grant(state.table_arn, *spec.state_actions)
            self.function.add_environment("STATE_TABLE_NAME", state.table_name)
        for name in spec.secrets:
            # The value, current and previous, and nothing about the secret.
            self._grant(shared.secrets.arn(name), "secretsmanager:GetSecretValue")

    def _grant_artifacts(self, environment: Environment) -> None:
        """Let the function list the bucket and read its objects, as MLflow's client does."""
        bucket, key_arn = environment.artifact_bucket, environment.artifact_key_arn
        if bucket:
            bucket_arn = Stack.of(self).format_arn(
                service="s3", region="", account="", resource=bucket
            )
            self._grant(bucket_arn, "s3:ListBucket")
            self._grant(f"{bucket_arn}/*", "s3:GetObject")
            acknowledge(
                self,
                {
                    f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::{bucket}/*]": (
                        "A model may lie anywhere in the bucket of the artifacts."
                    )
                },
            )
        if key_arn:
            self._grant(key_arn, "kms:Decrypt")

    def _grant_workflow(self, spec: FunctionSpec, shared: SharedResources) -> None:
        workflow = shared.workflow
        if spec.starts_workflow:
            self._grant(workflow.machine_arn, "states:StartExecution")
            self.function.add_environment("STATE_MACHINE_ARN", workflow.machine_arn)
        if spec.describes_workflow:
            self._grant(workflow.executions_arn, "states:DescribeExecution")
            finding = (
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:"
                f"<AWS::AccountId>:execution:{workflow.name}:*]"
            )
            acknowledge(self, {finding: "Executions are named after deployments."})

    def _grant(self, arn: str, *actions: str) -> None:
        iam.Grant.add_to_principal(
            grantee=self.function, actions=list(actions), resource_arns=[arn]
        )


def _architecture(python_platform: str | None) -> lambda_.Architecture:
    machine = python_platform.split("-")[0] if python_platform else platform.machine()
    return lambda_.Architecture.ARM_64 if machine in _ARM else lambda_.Architecture.X86_64
