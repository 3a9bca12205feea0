"""Run a task of the workflow: its record, outcome, timeline entry and log line."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.common.deployments.agreement import AgreementResult
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Comparison, Deployment, Status, utc_now
from functions.common.deployments.store import DeploymentStore, RecordTooLargeError
from functions.common.failures import PublicError
from functions.common.observability import make_logger
from functions.provision.tasks.interruptions import OnInterruption, note_interruption

type State = Mapping[str, Any]
"""The workflow's state: `model_id`, `deployment_id`, and what earlier tasks have added."""

IN_PROGRESS = frozenset(status for status in Status if status.in_progress)
_WITHOUT_ENTRY = {"waiting", "agreeing", "deleting", "baking", "activated", "taken_back"}
"""Outcomes that add no timeline entry: of a task that will run again, and of those whose
transaction has written it."""

MAX_REASON_CHARACTERS = 4_000
"""Each of a model's thousand requirements can have a reason against it."""

logger = make_logger("provision")


class TaskError(PublicError):
    """A task broke and is worth another try; names the task and the kind of error, no more.

    The message goes into the execution's history, and the messages of other people's exceptions
    can hold addresses or worse. The log says where it broke.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOutcome:
    """Outcome of a task that ended as expected, and what the task changes on the record.

    Attributes:
        name: What the state machine chooses by.
        reason: For people; None when all is well.
        retryable: It failed for a cause that may pass by itself.
        note: What the timeline says, where that is more than the name.
        details: Further keys for the state machine.
        changed: The record with the task's changes, to be written; None: there are none.
        stored: The record as the task has written it itself; None: as it was read.
        compared: What the timeline keeps of the comparison with the live version's signature.
        agreement: The same of the comparison with its answers.
    """

    name: str
    reason: str | None = None
    retryable: bool = False
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    changed: Deployment | None = field(default=None, compare=False)
    stored: Deployment | None = field(default=None, compare=False)
    compared: Comparison | None = field(default=None, compare=False)
    agreement: AgreementResult | None = field(default=None, compare=False)

    def result(self) -> dict[str, Any]:
        """Return `{"outcome": …}` with reason and details, as the state machine keeps it."""
        reason = {} if self.reason is None else {"reason": self.reason}
        retryable = {"retryable": True} if self.retryable else {}
        return {"outcome": self.name, **reason, **retryable, **self.details}


def failed(
    reason: str, *, retryable: bool = False, changed: Deployment | None = None
) -> TaskOutcome:
    """Return the outcome of a deployment that has failed: for what the model is, or, when
    *retryable*, for a cause that may pass: then the reconciler deploys the request again later.

    A *reason* of more than `MAX_REASON_CHARACTERS` is cut.
    """
    if len(reason) > MAX_REASON_CHARACTERS:
        reason = f"{reason[:MAX_REASON_CHARACTERS]} …"
    return TaskOutcome(name="failed", reason=reason, retryable=retryable, changed=changed)


def superseded(reason: str) -> TaskOutcome:
    """Return the outcome of a deployment that is not wanted any more."""
    return TaskOutcome(name="superseded", reason=reason)


def run_task(
    name: str,
    state: State,
    task: Callable[[Deployment], TaskOutcome],
    *,
    store: DeploymentStore,
    accepts: frozenset[Status] = IN_PROGRESS,
    now: Callable[[], datetime] = utc_now,
    on_interruption: OnInterruption | None = None,
) -> dict[str, Any]:
    """Run *task* on the deployment that *state* names; write its changes and its timeline entry.

    One request reads the record and the desired deployment, one writes. A deployment that is
    missing, or whose status is not one that the task *accepts*, is superseded, and so is one that
    is in progress and not the desired one any more. A task that breaks off is noted on record.

    Raises: TaskError (anything unexpected; the workflow tries again).
    """
    identity = {"deployment_id": state["deployment_id"], "model_id": state["model_id"]}
    with logger.append_context_keys(task=name, **identity):
        started, deployment = time.monotonic(), None
        try:
            deployment, desired = store.with_desired(state["model_id"], state["deployment_id"])
            if deployment is None:
                outcome = superseded("The deployment is not on record.")
            elif reason := _not_to_be_run(deployment, desired, accepts):
                outcome = superseded(reason)
            else:
                outcome = _run(name, task, deployment, store, now)
        except Exception as error:
            logger.exception("task.broken", duration_ms=_milliseconds_since(started))
            if deployment:
                note_interruption(
                    name,
                    error,
                    deployment,
                    store=store,
                    at=now(),
                    on_interruption=on_interruption,
                )
            raise TaskError(f"{name}: {type(error).__name__}") from None
        logger.info(
            "task.finished",
            outcome=outcome.name,
            reason=outcome.reason,
            duration_ms=_milliseconds_since(started),
        )
        return outcome.result()


def _run(
    name: str,
    task: Callable[[Deployment], TaskOutcome],
    deployment: Deployment,
    store: DeploymentStore,
    now: Callable[[], datetime],
) -> TaskOutcome:
    try:
        outcome = task(deployment)
        _write(name, outcome, deployment, store, now())
    except RecordTooLargeError:
        logger.exception("record.too_large")
        return failed("The record of this deployment is too large to keep.")
    return outcome


def _not_to_be_run(
    deployment: Deployment, desired: DesiredDeployment | None, accepts: frozenset[Status]
) -> str | None:
    if deployment.status not in accepts:
        return f"The deployment is already {deployment.status.value}."
    if accepts != IN_PROGRESS:
        return None
    if desired and desired.deployment_id == deployment.id:
        return None
    if desired is None or desired.model_version is None:
        return "The model is not meant to serve anything any more."
    return f"Another deployment, of version {desired.model_version}, has been requested meanwhile."


def _write(
    step: str, outcome: TaskOutcome, deployment: Deployment, store: DeploymentStore, now: datetime
) -> None:
    stored = outcome.stored or deployment
    changed = outcome.changed or stored
    if outcome.name not in _WITHOUT_ENTRY:
        text = outcome.note or outcome.name
        timeline = changed.timeline_with(
            step, text, at=now, compared=outcome.compared, agreement=outcome.agreement
        )
        changed = replace(changed, timeline=timeline)
    if changed != stored:
        store.update(stored, changed)


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
