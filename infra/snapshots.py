"""The functions that start from a snapshot of their published version (SnapStart)."""

from aws_cdk import aws_lambda as lambda_

from infra.config import Environment
from infra.environments import ConfigurationError
from infra.function_spec import FunctionSpec
from infra.functions import AUTHORIZER, DESCRIBE, MLFLOW_HOOK, OPERATE, PREDICT

AWAITED = (PREDICT, AUTHORIZER, DESCRIBE, OPERATE, MLFLOW_HOOK)
"""A person or a program waits for their answers; nobody waits for a workflow's task."""
ON, OFF = "on", "off"


def snap_start(spec: FunctionSpec, environment: Environment) -> lambda_.SnapStartConf | None:
    """Return whether the function starts from a snapshot. Raises: ConfigurationError."""
    if environment.snap_start not in {ON, OFF}:
        raise ConfigurationError(f"snap_start is {ON} or {OFF}, not {environment.snap_start!r}.")
    is_on = environment.snap_start == ON and spec in AWAITED
    return lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if is_on else None
