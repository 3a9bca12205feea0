"""The task `agree`: a candidate is sent calls of the live version before it replaces it.

The task only names the candidate on the item `live`, waits and reads the counts: predict sends
the calls, and the function `mirror` compares the answers.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.agreements.store import TallyStore
from functions.common.agreements.tally import Tally
from functions.common.deployments.agreement import AgreementMode, ComparedCandidate
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.provision.compatibility.breaking_changes import is_of_same_version
from functions.provision.tasks.agreement_verdict import (
    AgreementBounds,
    in_words,
    reason_to_hold,
    result_of,
)
from functions.provision.tasks.example_comparison import ExampleComparison
from functions.provision.tasks.runner import TaskOutcome, failed

_LOOKS = 20
"""Into how many parts the time is divided by looks at the counts, within the bounds below."""
SHORTEST_WAIT_S, LONGEST_WAIT_S = 1, 15


def before_agreement(deployment: Deployment, outcome: TaskOutcome) -> TaskOutcome:
    """Return the *outcome* of `verify`: `verified_to_compare` in place of `verified` where the
    comparison follows, so that no others need a state of it."""
    if outcome.name != "verified" or deployment.agreement.mode is None:
        return outcome
    return replace(outcome, name="verified_to_compare", note=outcome.note or outcome.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Compares a candidate's answers with those of the live deployment.

    Attributes:
        share: Share of the live deployment's calls that the candidate is sent too.
        calls: Compared calls after which it ends.
        lasts_s: Seconds after which it ends in any case.
    """

    store: DeploymentStore
    tallies: TallyStore
    example: ExampleComparison
    bounds: AgreementBounds
    share: float
    calls: int
    lasts_s: float
    now: Callable[[], datetime]

    def agree(self, deployment: Deployment) -> TaskOutcome:
        """`agreeing` with `wait_s`; `agreed`, also where there is nothing to compare with; or
        `failed` with the figures, where they hold it back.

        When another deployment has become the live one, it begins anew.

        Raises: TalliesUnavailableError (try again).
        """
        live = self.store.live(deployment.model_id)
        mode = deployment.agreement.mode
        if mode is None or live is None or is_of_same_version(live, deployment):
            return TaskOutcome(name="agreed", note="not compared: no other version is live")
        if deployment.agreement.live_id != live.id:
            return self._begun(deployment, live)
        tally = self.tallies.get(deployment.id, live.id)
        left_s = (deployment.agreement.until or 0) - self.now().timestamp()
        if left_s > 0 and tally.calls < self.calls:
            return self._waiting(left_s)
        return self._ended(deployment, mode, live, tally)

    def _begun(self, deployment: Deployment, live: Deployment) -> TaskOutcome:
        until = math.ceil(self.now().timestamp() + self.lasts_s)
        per_1000 = max(1, round(1_000 * self.share))
        candidate = ComparedCandidate(id=deployment.id, calls_per_1000=per_1000, until=until)
        if not self.store.name_candidate(live, candidate):
            return self._waiting(SHORTEST_WAIT_S)
        agreement = replace(deployment.agreement, live_id=live.id, until=until)
        return replace(
            self._waiting(self.lasts_s), changed=replace(deployment, agreement=agreement)
        )

    def _waiting(self, left_s: float) -> TaskOutcome:
        wait_s = max(SHORTEST_WAIT_S, min(LONGEST_WAIT_S, self.lasts_s / _LOOKS, left_s))
        return TaskOutcome(name="agreeing", details={"wait_s": math.ceil(wait_s)})

    def _ended(
        self, deployment: Deployment, mode: AgreementMode, live: Deployment, tally: Tally
    ) -> TaskOutcome:
        of_example = tally.calls == 0
        if of_example:
            tally = self.example.compare(live, deployment)
        result = result_of(tally, mode, live, of_example=of_example)
        reason = reason_to_hold(result, self.bounds)
        if reason:
            self.store.name_candidate(live, ComparedCandidate())
        outcome = failed(reason) if reason else TaskOutcome(name="agreed")
        agreement = replace(result, held=reason is not None)
        return replace(outcome, note=in_words(result), agreement=agreement)
