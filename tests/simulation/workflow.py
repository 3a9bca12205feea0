"""Step Functions in memory."""

from collections.abc import Callable
from datetime import datetime

from tests.simulation.execution import Execution, Json


class SimulatedWorkflow:
    """Step Functions: keeps executions by name until they are forgotten."""

    def __init__(self, machine: Json, clock: Callable[[], datetime]) -> None:
        self._machine, self._clock = machine, clock
        self.executions: dict[str, Execution] = {}

    def execution_arn(self, deployment_id: str, *, run: int = 1) -> str:
        return deployment_id if run == 1 else f"{deployment_id}-{run}"

    def start(self, model_id: str, deployment_id: str, *, run: int = 1) -> None:
        name = self.execution_arn(deployment_id, run=run)
        self._start(name, {"model_id": model_id, "deployment_id": deployment_id})

    def start_retiring(self, model_id: str, deployment_id: str) -> None:
        state = {"model_id": model_id, "deployment_id": deployment_id, "retire_only": True}
        self._start(f"{deployment_id}-retire", state)

    def is_running(self, execution_arn: str) -> bool:
        execution = self.executions.get(execution_arn)
        return execution is not None and execution.is_running

    def running(self) -> list[Execution]:
        return [each for each in self.executions.values() if each.is_running]

    def forget(self, deployment_id: str) -> None:
        """Forget the deployment's executions that have ended."""
        for name, execution in list(self.executions.items()):
            if name.startswith(deployment_id) and not execution.is_running:
                del self.executions[name]

    def _start(self, name: str, state: Json) -> None:
        if name not in self.executions:
            execution = Execution(name, self._machine, state, now=self._clock())
            self.executions[name] = execution
