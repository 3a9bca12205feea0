"""A Lambda function of ours: runtime, bundle, logs, tracing and exactly the rights it needs."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import config
from infra.acknowledgements import acknowledge
from infra.bundling import Bundles
from infra.catalog import FunctionSpec
from infra.constructs.deployments_table import DeploymentsTable
from infra.constructs.service_secrets import ServiceSecrets
from infra.constructs.serving_state_table import ServingStateTable
from infra.variables import Variables

_ARM = {"aarch64", "arm64"}
_ACKNOWLEDGED = {
    "AwsSolutions-IAM5[Resource::*]": "X-Ray's actions name no resource.",
    "AwsSolutions-L1": "The locks and MLflow's models are tested with Python 3.13.",
}


@dataclass(frozen=True, kw_only=True)
class Foundations:
    """What every function is built on."""

    environment: config.Environment
    bundles: Bundles
    table: DeploymentsTable
    state: ServingStateTable
    secrets: ServiceSecrets
    variables: Variables


class PythonFunction(Construct):
    """The function of *spec*, with the rights that the catalog gives it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        spec: FunctionSpec,
        foundations: Foundations,
        size: config.Size,
        variables: Mapping[str, str],
    ) -> None:
        super().__init__(scope, id_)
        environment = foundations.environment
        log_group = self._log_group(environment)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=_architecture(environment.python_platform),
            handler=spec.handler,
            code=foundations.bundles.code(spec.bundle),
            memory_size=size.memory_mib,
            timeout=Duration.seconds(size.timeout_s),
            ephemeral_storage_size=Size.mebibytes(size.storage_mib),
            role=self._role(log_group),
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            environment={"POWERTOOLS_SERVICE_NAME": spec.service, **variables},
        )
        self._grant(spec, foundations)
        acknowledge(self, _ACKNOWLEDGED)

    def _log_group(self, environment: config.Environment) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            retention=environment.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _role(self, log_group: logs.LogGroup) -> iam.Role:
        """A role of its own: the one CDK makes could write to every log group of the account."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        return role

    def _grant(self, spec: FunctionSpec, foundations: Foundations) -> None:
        if spec.table_actions:
            foundations.table.grant(self.function, *spec.table_actions)
            self.function.add_environment("TABLE_NAME", foundations.table.table.table_name)
        if spec.listing_actions:
            foundations.table.grant_listing(self.function, *spec.listing_actions)
        if spec.state_actions:
            foundations.state.table.grant(self.function, *spec.state_actions)
            self.function.add_environment("STATE_TABLE_NAME", foundations.state.table.table_name)
        for secret in spec.secrets:
            foundations.secrets.grant_value(secret, self.function)


def _architecture(python_platform: str | None) -> lambda_.Architecture:
    machine = python_platform.split("-")[0] if python_platform else platform.machine()
    return lambda_.Architecture.ARM_64 if machine in _ARM else lambda_.Architecture.X86_64
