"""The name of the provisioning workflow, known before the workflow exists.

The workflow calls the reconciler and the reconciler starts the workflow, so one of the two must
know the other by a name that we choose.
"""

from aws_cdk import ArnFormat, Stack


class WorkflowName:
    """The state machine's name and ARNs in *stack*.

    Attributes:
        executions_arn: A pattern for every execution.
    """

    def __init__(self, stack: Stack) -> None:
        self.name = f"{stack.stack_name}-provision"
        self.machine_arn = _states_arn(stack, "stateMachine", self.name)
        self.executions_arn = _states_arn(stack, "execution", f"{self.name}:*")


def _states_arn(stack: Stack, resource: str, name: str) -> str:
    return stack.format_arn(
        service="states",
        resource=resource,
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
