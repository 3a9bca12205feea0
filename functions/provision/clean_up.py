"""The task `clean_up`: a deployment that did not come up ends with a reason and costs nothing."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.base import EndpointControl
from functions.provision.removal import remove
from functions.provision.tasks import Outcome

_NOT_WANTED = {"superseded", "ignored"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanUp:
    """Ends the record first, so that people know at once, then deletes endpoint and repository."""

    store: DeploymentStore
    control: EndpointControl
    namespace: str

    def clean_up(self, deployment: Deployment, state: Mapping[str, Any]) -> Outcome:
        """`cleaned`, or `deleting` while the provider is at it.

        A deployment that serves, or that served and is being retired, is left alone.
        """
        if deployment.status is Status.DEPLOYED or self._was_live(deployment):
            return Outcome(name="cleaned", note="left alone: it went live")
        if deployment.status.coming_up:
            status, reason = _ending(state)
            deployment = self.store.update(deployment, status=status, reason=reason)
        gone = remove(deployment, control=self.control, namespace=self.namespace)
        return Outcome(name="cleaned" if gone else "deleting")

    def _was_live(self, deployment: Deployment) -> bool:
        live = self.store.live(deployment.model_id)
        return live is not None and live.replaced_id == deployment.id


def _ending(state: Mapping[str, Any]) -> tuple[Status, str]:
    """The status and reason that the workflow's *state* stands for.

    A `failure` was caught after every retry; a `result` is the last task's own word.
    """
    if failure := state.get("failure"):
        return Status.FAILED, _caught(failure)
    match state.get("result"):
        case {"outcome": str(outcome), "reason": str(reason)} if outcome in _NOT_WANTED:
            return Status.STOPPED, reason
        case {"reason": str(reason)}:
            return Status.FAILED, reason
    return Status.FAILED, "The workflow ended without saying why. Register the version again."


def _caught(failure: Any) -> str:
    """A sentence on what Step Functions caught: `{"Error", "Cause"}`, the cause JSON as text.

    Our own tasks raise TaskError("<task>: <kind of error>"); a time-out or a crash of the
    function has whatever shape AWS gives it.
    """
    match failure:
        case {"Cause": str(cause)}:
            task, _, kind = _error_message(cause).partition(": ")
            if task.isidentifier() and kind.isidentifier():
                return _not_completed(f"The step {task}", kind)
    error = failure.get("Error") if isinstance(failure, Mapping) else None
    return _not_completed("A step", str(error or "unknown error"))


def _error_message(cause: str) -> str:
    try:
        document = json.loads(cause)
    except ValueError:
        return ""
    match document:
        case {"errorMessage": str(message)}:
            return message
    return ""


def _not_completed(step: str, kind: str) -> str:
    return f"{step} could not be completed after several attempts ({kind})."
