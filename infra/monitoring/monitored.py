"""What is monitored."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn

from infra.config import Environment
from infra.constructs.api import Api
from infra.constructs.service_functions import ServiceFunctions
from infra.constructs.shared_resources import SharedResources
from infra.functions import AUTHORIZER, OPERATE, PREDICT, RECONCILE, UPTIME
from infra.monitoring.queries import GATEWAY


@dataclass(frozen=True, kw_only=True)
class Monitored:
    """Everything of the stack that metrics and logs are about.

    Attributes:
        rollout: The alarm that rolls back a new version of predict, if there is one.
    """

    shared: SharedResources
    api: Api
    functions: ServiceFunctions
    workflow: sfn.StateMachine
    rollout: cloudwatch.Alarm | None

    @property
    def environment(self) -> Environment:
        return self.shared.environment

    def logs(self) -> Mapping[str, logs.ILogGroup]:
        """Return the logs that queries read, by the names in `infra.monitoring.queries`."""
        specs = (PREDICT, AUTHORIZER, OPERATE, RECONCILE, UPTIME)
        return {
            **{spec.name: self.functions.get(spec).logs for spec in specs},
            GATEWAY: self.api.access_log,
        }
