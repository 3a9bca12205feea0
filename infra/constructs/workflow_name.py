"""What the provisioning workflow is called, before it is made.

It calls the reconciler, and the reconciler starts it: one of the two has to know the other by a
name of our choice.
"""

from dataclasses import dataclass
from typing import Self

from aws_cdk import ArnFormat, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowName:
    """The state machine's name and what follows from it.

    Attributes:
        executions_arn: A pattern for every execution.
    """

    name: str
    machine_arn: str
    executions_arn: str

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """The one workflow of *stack*."""
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
