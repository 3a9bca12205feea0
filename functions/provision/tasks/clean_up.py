"""The task `clean_up`: a deployment that did not come up ends with a reason and costs nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.provision.removal import Removal
from functions.provision.tasks.interruptions import is_interruption, words_of
from functions.provision.tasks.runner import State, TaskOutcome

_STEPS = ("validate", "package", "create", "check", "verify", "agree", "activate")
_NOT_WANTED = {"superseded", "ignored"}
_WENT_AWAY = {"ModelNotReadyError", "ModelWarmingUpError"}
_NO_SURVIVOR = (
    "The model's endpoint was healthy, and went away whenever it was asked for a prediction: it "
    "probably crashes or runs out of memory. See the endpoint's log."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """Ends the record first, so that people know at once, then deletes endpoint and repository."""

    store: DeploymentStore
    removal: Removal

    def clean_up(self, deployment: Deployment, state: State) -> TaskOutcome:
        """`cleaned`, or `deleting` while the provider is at it.

        A deployment that serves, or that served and is being retired, is left alone.
        """
        if deployment.status.in_progress:
            status, reason, retryable = _ending(state, deployment)
            ended = replace(deployment, status=status, reason=reason, retryable=retryable)
            deployment = self.store.update(deployment, ended)
        elif _has_served(deployment):
            return TaskOutcome(name="cleaned", note="left alone: it went live")
        gone = self.removal.remove(deployment)
        return TaskOutcome(name="cleaned" if gone else "deleting", stored=deployment)


def _has_served(deployment: Deployment) -> bool:
    """Whoever stops what serves also has it removed, once its last users are gone.

    What this task itself has stopped is being removed already, unless it was interrupted in
    between: then the reconciler removes it.
    """
    stopped = deployment.status is Status.STOPPED and not deployment.endpoint.removing
    return stopped or deployment.status is Status.DEPLOYED


def _ending(state: State, deployment: Deployment) -> tuple[Status, str, bool]:
    """The status, the reason and whether it is retryable, as the workflow's *state* has it.

    A `failure` was caught after every retry: whatever broke is not the model's doing. A `result`
    is the last task's own word.
    """
    if failure := state.get("failure"):
        return Status.FAILED, *_caught(failure, deployment)
    match state.get("result"):
        case {"outcome": str(outcome), "reason": str(reason)} if outcome in _NOT_WANTED:
            return Status.STOPPED, reason, False
        case {"reason": str(reason), "retryable": True}:
            return Status.FAILED, reason, True
        case {"reason": str(reason)}:
            return Status.FAILED, reason, False
    return Status.FAILED, "The workflow ended without saying why.", True


def _caught(failure: Any, deployment: Deployment) -> tuple[str, bool]:
    """A sentence on what Step Functions caught (`{"Error", "Cause"}`, the cause JSON as text), and
    whether it is retryable.

    Our own tasks raise TaskError("<task>: <kind of error>"); a time-out or a crash of the
    function has whatever shape AWS gives it, and the step follows from those that were done.
    """
    match failure:
        case {"Cause": str(cause)}:
            task, _, kind = _error_message(cause).partition(": ")
            if task == "verify" and kind in _WENT_AWAY:
                return _NO_SURVIVOR, False
            if task.isidentifier() and kind.isidentifier():
                words = words_of(task, deployment)
                return _not_completed(f"The step {task}", kind, words), True
    error = failure.get("Error") if isinstance(failure, Mapping) else None
    return _not_completed(_step_after(deployment), str(error or "unknown error")), True


def _step_after(deployment: Deployment) -> str:
    """The first step that the timeline does not have."""
    done = {entry.step for entry in deployment.timeline if not is_interruption(entry)}
    skipped = {"package", "create"} if deployment.endpoint.adopted_from else set()
    skipped |= set() if deployment.agreement.mode else {"agree"}
    return next((f"The step {step}" for step in _STEPS if step not in done | skipped), "A step")


def _error_message(cause: str) -> str:
    try:
        document = json.loads(cause)
    except ValueError:
        return ""
    match document:
        case {"errorMessage": str(message)}:
            return message
    return ""


def _not_completed(step: str, kind: str, words: str | None = None) -> str:
    """Return the reason, with the *words* of the last attempt, or else the *kind* of its error."""
    if words is None or words == f"{kind}.":
        return f"{step} could not be completed after several attempts ({kind})."
    return f"{step} could not be completed after several attempts: {words}"
