"""`Workflow` that remembers what it was asked to run."""


class FakeWorkflow:
    """`started` holds (model id, deployment id) once each; set `error` to make starting fail."""

    def __init__(self) -> None:
        self.started: list[tuple[str, str]] = []
        self.error: Exception | None = None

    def execution_arn(self, deployment_id: str) -> str:
        return f"arn:aws:states:us-east-1:123456789012:execution:provision:{deployment_id}"

    def start(self, model_id: str, deployment_id: str) -> None:
        if self.error:
            raise self.error
        if (model_id, deployment_id) not in self.started:
            self.started.append((model_id, deployment_id))
