"""Specification of a Lambda function, and the variables of the libraries inside."""

from dataclasses import dataclass
from typing import Literal

from infra.bundling import Bundle
from infra.config import Environment
from infra.function_size import Size

type SecretName = Literal[
    "huggingface_token",
    "huggingface_calling_token",
    "mlflow_credentials",
    "webhook",
    "uptime_api_key",
]

MLFLOW_CLIENT = {
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # Its own defaults wait for minutes; Step Functions does the retrying.
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
}
HUB_CLIENT = {
    # The only folder that a function can write to.
    "HF_HOME": "/tmp/hf",  # noqa: S108 - a Lambda function shares /tmp with nobody
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_XET": "1",
}

LARGE_BODIES = {
    # What a large body took is kept for the next one. By default the C library gives it back after
    # each call, and a third of a call's time goes into taking it again, page by page.
    # Source: https://man7.org/linux/man-pages/man3/mallopt.3.html
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024**2),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 1024**2),
}


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One function.

    Attributes:
        name: PascalCase construct id.
        service: Name in its log lines and metrics.
        table_actions: On the table `deployed_models`; a transaction needs those of its parts.
        queried_indexes: Indexes of that table that it may query.
        state_actions: On the table that the data plane's environments share.
        reads_predict_log: May read all of predict's log.
        reads_artifacts: May read the bucket of MLflow's artifacts, if there is one.
        secrets: Those whose value it may read; of Hugging Face's two tokens at most one, which
            is its HUGGINGFACE_TOKEN_SECRET.
        starts_workflow: May start executions.
        describes_workflow: May read the status of any execution.
        invokes_reconciler: May call the reconciler.
        invokes_mirror: May call the function `mirror`.
        publishes_events: May put events on the service's bus.
        size: `Environment.sizes` overrides it.
        variables: Names; one without a value in the environment is not set.
    """

    name: str
    service: str
    handler: str
    bundle: Bundle
    table_actions: tuple[str, ...] = ()
    queried_indexes: tuple[str, ...] = ()
    state_actions: tuple[str, ...] = ()
    reads_predict_log: bool = False
    reads_artifacts: bool = False
    secrets: tuple[SecretName, ...] = ()
    starts_workflow: bool = False
    describes_workflow: bool = False
    invokes_reconciler: bool = False
    invokes_mirror: bool = False
    publishes_events: bool = False
    size: Size
    variables: tuple[str, ...] = ()

    def executions_in(self, environment: Environment) -> int | None:
        """Return the executions that *environment* keeps for it; None: it shares the account's."""
        default = environment.mirror_executions if self.bundle.folder == "mirror" else None
        return environment.reserved_concurrency.get(self.name, default)

    def size_in(self, environment: Environment) -> Size:
        """Return the function's size in *environment*."""
        return environment.sizes.get(self.name, self.size)
