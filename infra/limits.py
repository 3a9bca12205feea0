"""How big the workflow's tasks are, how often they are tried, and how long all of it may take."""

from infra.catalog import TASKS
from infra.config import Environment, Size

CLEANING = ("retire", "clean_up")
"""The tasks that delete endpoints; nobody cleans up after them."""
RECONCILING = "reconcile"
"""The reconciler, asked to look at the deployment's model; no deployment depends on it."""
_DELETION_S = 1800
"""How long the provider may take to delete an endpoint before a person is told."""


def size_of(task: str, environment: Environment) -> Size:
    sizes = {
        "validate": environment.registry_task,
        "package": environment.packaging_task,
        "verify": environment.verifying_task,
    }
    return sizes.get(task, environment.task)


def retries_of(task: str, environment: Environment) -> int:
    if task == RECONCILING:
        return environment.reconcile_retries
    return environment.cleaning_retries if task in CLEANING else environment.retries


def longest_run_s(environment: Environment) -> int:
    """More seconds than any execution can need; only a fault of ours lasts longer."""
    timeouts_s = {task: size_of(task, environment).timeout_s for task in TASKS}
    timeouts_s[RECONCILING] = environment.reconcile_model_s
    calls = 0
    for task, timeout_s in timeouts_s.items():
        retries = retries_of(task, environment)
        calls += (retries + 1) * timeout_s + retries * environment.retry_max_delay_s
    waits = environment.endpoint_deadline_s + environment.retire_after_s + _DELETION_S
    return calls + waits
