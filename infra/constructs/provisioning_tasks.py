"""The functions that the provisioning workflow is made of."""

from collections.abc import Mapping

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.catalog import TASKS
from infra.constructs.python_function import Foundations, PythonFunction
from infra.limits import size_of


class ProvisioningTasks(Construct):
    """One function per task, so that each has only its own rights and packages."""

    def __init__(self, scope: Construct, id_: str, *, foundations: Foundations) -> None:
        super().__init__(scope, id_)
        self.functions: Mapping[str, lambda_.IFunction] = {
            name: PythonFunction(
                self,
                spec.name,
                spec=spec,
                foundations=foundations,
                size=size_of(name, foundations.environment),
                variables=foundations.variables.of_task(name),
            ).function
            for name, spec in TASKS.items()
        }
