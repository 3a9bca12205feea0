"""`Workflow` that records what it is asked to run; tests/contract runs the same tests on Step
Functions.
"""


class FakeWorkflow:
    """Records each execution once, however often it is started.

    Attributes:
        started: (Model id, deployment id) of every deployment with an execution.
        runs: (Deployment id, number) of every execution except those that only retire.
        retiring: (Model id, deployment id) of those.
        running: ARNs of executions that have not ended; remove one to end it.
        error: Set it to make every start fail.
    """

    def __init__(self) -> None:
        self.started: list[tuple[str, str]] = []
        self.runs: list[tuple[str, int]] = []
        self.retiring: list[tuple[str, str]] = []
        self.running: set[str] = set()
        self.error: Exception | None = None

    def execution_arn(self, deployment_id: str, *, run: int = 1) -> str:
        name = deployment_id if run == 1 else f"{deployment_id}-{run}"
        return f"arn:aws:states:us-east-1:123456789012:execution:provision:{name}"

    def start(self, model_id: str, deployment_id: str, *, run: int = 1) -> None:
        self._fail()
        if (deployment_id, run) in self.runs:
            return
        self.runs.append((deployment_id, run))
        self.running.add(self.execution_arn(deployment_id, run=run))
        if (model_id, deployment_id) not in self.started:
            self.started.append((model_id, deployment_id))

    def start_retiring(self, model_id: str, deployment_id: str) -> None:
        self._fail()
        if (model_id, deployment_id) not in self.retiring:
            self.retiring.append((model_id, deployment_id))
            self.running.add(self.execution_arn(f"{deployment_id}-retire"))

    def is_running(self, execution_arn: str) -> bool:
        return execution_arn in self.running

    def _fail(self) -> None:
        if self.error:
            raise self.error
