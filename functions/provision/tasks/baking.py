"""The task `bake`: look at a new version while the one before it can still serve, and take it back
when its calls fail, or its answer to its example has changed.

Nothing is gained by going back to what does not answer either: the earlier version is sent its own
example first (without one, its health is checked), and nothing changes while it is silent.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.circuits.store import CircuitStatesUnavailableError
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentChangedError, DeploymentStore
from functions.common.emf import count
from functions.common.errors import ServiceError
from functions.common.metric_names import TAKEN_BACK
from functions.common.observability import make_logger
from functions.common.outcomes.store import CallCountsUnavailableError
from functions.provision.rollback.asking import CHANGED_ANSWER, is_asked_now
from functions.provision.rollback.policy import RollbackPolicy
from functions.provision.rollback.rule import cause_to_take_back
from functions.provision.rollback.sight import Sight
from functions.provision.tasks.answer_check import AnswerCheck
from functions.provision.tasks.readiness import Readiness
from functions.provision.tasks.runner import TaskOutcome
from functions.provision.tasks.smoke_test import SmokeTest

_STEP = "bake"
_MAX_CHARACTERS = 500
"""Of an entry in the timeline, which every look may replace."""
_UNAVAILABLE = (CircuitStatesUnavailableError, CallCountsUnavailableError)

logger = make_logger("provision")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baking:
    """Judges a new version, one look at a time."""

    store: DeploymentStore
    sight: Callable[[], Sight]
    answers: AnswerCheck
    smoke_test: SmokeTest
    readiness: Readiness
    rollback: RollbackPolicy
    now: Callable[[], datetime]

    def bake(self, deployment: Deployment) -> TaskOutcome:
        """`baking` with the seconds until the next look as `wait_s`, `taken_back`, or, when its
        window is over, `held`.

        Run again after it was taken back, it returns the same.
        """
        if deployment.was_taken_back:
            return _taken_back(deployment)
        since, now = deployment.activated_at, self.now()
        left_s = self.rollback.window_s - (now - since).total_seconds() if since else 0
        if left_s <= 0 or since is None:
            return TaskOutcome(name="held")
        earlier = self._earlier(deployment)
        if earlier is None:
            return _baking(left_s)
        cause = self._cause(deployment, earlier, since, now)
        return self._judged(deployment, earlier, cause, min(self.rollback.poll_s, left_s))

    def _cause(
        self, deployment: Deployment, earlier: Deployment, since: datetime, now: datetime
    ) -> str | None:
        """Return why *deployment* should be taken back; None also where that cannot be seen now."""
        try:
            seen = self.sight().new_version(deployment, earlier, since=since, now=now)
        except _UNAVAILABLE:
            logger.warning("bake.not_seen", exc_info=True)
            return None
        if is_asked_now(deployment, seen.circuit, self.rollback, since=since, now=now):
            changed = self.answers.answers_otherwise(deployment)
            seen = replace(seen, changed_answer=CHANGED_ANSWER if changed else None)
        return cause_to_take_back(seen, self.rollback.bounds)

    def _judged(
        self, deployment: Deployment, earlier: Deployment, cause: str | None, next_look_s: float
    ) -> TaskOutcome:
        if cause is None:
            return _baking(next_look_s)
        # One that answers is better than one that fails, whether it answers as it once did or not.
        asked = earlier if cause == CHANGED_ANSWER else _without_fingerprint(earlier)
        if obstacle := self._obstacle(asked):
            return self._kept(deployment, cause, obstacle, next_look_s)
        return self._take_back(deployment, earlier, cause, next_look_s)

    def _earlier(self, deployment: Deployment) -> Deployment | None:
        """Return what *deployment* has replaced, while that can serve again; None: there is nothing
        to go back to, or it is not to be done, or *deployment* does not serve any more."""
        if not self.rollback.automatic or deployment.status is not Status.DEPLOYED:
            return None
        if deployment.replaced_id is None:
            return None
        earlier = self.store.get(deployment.model_id, deployment.replaced_id)
        if earlier is None or earlier.status is not Status.STOPPED:
            return None
        endpoint = earlier.endpoint
        stands = not (endpoint.handed_to or endpoint.removing or endpoint.removed)
        return earlier if stands else None

    def _obstacle(self, earlier: Deployment) -> str | None:
        """Return why *earlier* cannot serve again now; None: it can."""
        if not self.sight().may_serve(earlier):
            return "it is deleted or opted out in MLflow"
        if earlier.contract.input_example is None:
            ready = self.readiness.check(earlier)
            return None if ready.name == "ready" else ready.reason or "its endpoint is not ready"
        try:
            outcome = self.smoke_test.verify(earlier)
        except ServiceError as error:
            return f"it does not answer its example: {error.detail}"
        return None if outcome.name == "verified" else outcome.reason

    def _kept(
        self, deployment: Deployment, cause: str, obstacle: str, next_look_s: float
    ) -> TaskOutcome:
        text = f"not taken back though {cause}: of the version before, {obstacle}"[:_MAX_CHARACTERS]
        logger.warning("bake.no_way_back", cause=cause, obstacle=obstacle)
        known = any(each.step == _STEP and each.outcome == text for each in deployment.timeline)
        timeline = deployment.timeline_with(_STEP, text, at=self.now())
        changed = None if known else replace(deployment, timeline=timeline)
        return _baking(next_look_s, changed=changed)

    def _take_back(
        self, deployment: Deployment, earlier: Deployment, cause: str, next_look_s: float
    ) -> TaskOutcome:
        try:
            failed = self.store.take_back(
                deployment,
                earlier,
                reason=f"Taken back, version {earlier.model_version} serves again: {cause}.",
                earlier_reason=f"Serves again: version {deployment.model_version} was taken back, "
                f"because {cause}.",
            )
        except DeploymentChangedError:
            # Somebody has replaced, undeployed or redeployed one of them: look at what is now.
            return _baking(next_look_s)
        logger.warning("version.taken_back", reason=failed.reason)
        return _taken_back(failed)


def _without_fingerprint(deployment: Deployment) -> Deployment:
    return replace(deployment, package=replace(deployment.package, answer_fingerprint=None))


def _baking(wait_s: float, *, changed: Deployment | None = None) -> TaskOutcome:
    details = {"wait_s": max(1, math.ceil(wait_s))}
    return TaskOutcome(name="baking", details=details, changed=changed)


def _taken_back(deployment: Deployment) -> TaskOutcome:
    """Return the outcome, and count it: twice where the first answer was lost."""
    count("provision", TAKEN_BACK)
    return TaskOutcome(name="taken_back", reason=deployment.reason, stored=deployment)
