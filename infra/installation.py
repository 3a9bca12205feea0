"""An installation that is deployed, found by its environment: outputs, clients, settings."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.common.failures import described
from infra.environments import LOCAL, environment_from_name
from infra.function_alias import ALIAS
from infra.local.deployment import aws_environment
from infra.local.parts import ROOT
from infra.local.system import load

_REPORT_WITHIN_S = 910
"""The reconciler may run for 900 s."""


class ReconcilerBrokenError(Exception):
    """The reconciler raised an error, which its log explains, or took too long."""


class InstallationNotFoundError(Exception):
    """There is no such stack, or it cannot be seen; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A deployed stack.

    Attributes:
        name: Of its environment.
        outputs: By name, as `infra.stack` defines them.
    """

    name: str
    stack_name: str
    status: str
    outputs: Mapping[str, str]

    def client(self, service: Any) -> Any:
        """Return a client that waits for one answer, as long as the reconciler may take."""
        config = Config(read_timeout=_REPORT_WITHIN_S, retries={"total_max_attempts": 1})
        return boto3.client(service, config=config if service == "lambda" else None)

    def reconcile(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Invoke the reconciler with *event*; return its report.

        Raises: ReconcilerBrokenError; what the AWS client raises.
        """
        answer = self.client("lambda").invoke(
            FunctionName=f"{self.outputs['ReconcileFunction']}:{ALIAS}", Payload=json.dumps(event)
        )
        report: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise ReconcilerBrokenError(f"{report.get('errorType')}: {report.get('errorMessage')}")
        return report

    def variables(self, function_output: str) -> Mapping[str, str]:
        """Return the environment variables of the function that this output names."""
        found = self.client("lambda").get_function_configuration(
            FunctionName=self.outputs[function_output]
        )
        variables: Mapping[str, str] = found["Environment"]["Variables"]
        return variables


def find(environment_name: str, *, local_state: Path = ROOT / ".local") -> Installation:
    """Return the installation of this environment; the local one is looked for in *local_state*.

    Raises: InstallationNotFoundError, UnknownEnvironmentError.
    """
    environment = environment_from_name(environment_name)
    if environment.name == LOCAL.name:
        _use_local_system(local_state)
    try:
        answer = boto3.client("cloudformation").describe_stacks(StackName=environment.stack_name)
    except (BotoCoreError, ClientError) as error:
        raise InstallationNotFoundError(
            f"The stack {environment.stack_name} cannot be found ({described(error)}). Are these "
            "the right credentials and the right region, and has `make deploy` run?"
        ) from error
    (stack,) = answer["Stacks"]
    return Installation(
        name=environment.name,
        stack_name=environment.stack_name,
        status=stack["StackStatus"],
        outputs={each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
    )


def _use_local_system(state: Path) -> None:
    """Have boto3 in this process use MiniStack."""
    system = load(state)
    if system is None or not system.is_alive:
        raise InstallationNotFoundError("The local system is not running: `make up` starts it.")
    os.environ.update(aws_environment(system.aws_url))
