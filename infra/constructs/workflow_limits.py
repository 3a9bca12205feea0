"""Retries of the workflow's tasks, and the longest time that an execution may take."""

import math

from infra.config import Environment
from infra.workflow_tasks import TASKS

CLEANING = ("retire", "clean_up")
"""The tasks that delete endpoints. Nothing cleans up after them."""
RECONCILING = "reconcile"
"""The reconciler, called for the deployment's model. No deployment depends on its result."""
RECONCILE_TIMEOUT_S = 120
_RECONCILE_RETRIES = 2
RETRY_MAX_DELAY_S = 60
_DELETION_S = 1800
"""Seconds that the provider may take to delete an endpoint before the execution fails."""


def retries_of(task: str, environment: Environment) -> int:
    """Return how often *task* is retried."""
    if task == RECONCILING:
        return _RECONCILE_RETRIES
    return environment.cleaning_retries if task in CLEANING else environment.retries


def longest_run_s(environment: Environment) -> int:
    """Return more seconds than any execution needs; only a bug of ours lasts longer."""
    timeouts_s = {task: spec.size_in(environment).timeout_s for task, spec in TASKS.items()}
    timeouts_s[RECONCILING] = RECONCILE_TIMEOUT_S
    calls = 0
    for task, timeout_s in timeouts_s.items():
        retries = retries_of(task, environment)
        calls += (retries + 1) * timeout_s + retries * RETRY_MAX_DELAY_S
    waits = environment.endpoint_deadline_s + environment.retire_after_s + _DELETION_S
    agreement_s = math.ceil(60 * environment.agreement_minutes)
    return calls + waits + agreement_s
