"""The name of the provisioning workflow, known before the workflow exists.

The workflow calls the reconciler and the reconciler starts the workflow, so one of the two must
know the other by a name that we choose.
"""

from dataclasses import dataclass
from typing import Self

from aws_cdk import ArnFormat, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowName:
    """The state machine's name and ARNs.

    Attributes:
        executions_arn: A pattern for every execution.
    """

    name: str
    machine_arn: str
    executions_arn: str

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Return the name of the one workflow of *stack*."""
        name = f"{stack.stack_name}-provision"

        def arn(resource: str, resource_name: str) -> str:
            return stack.format_arn(
                service="states",
                resource=resource,
                resource_name=resource_name,
                arn_format=ArnFormat.COLON_RESOURCE_NAME,
            )

        return cls(
            name=name,
            machine_arn=arn("stateMachine", name),
            executions_arn=arn("execution", f"{name}:*"),
        )
