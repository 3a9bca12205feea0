"""The comparison by the live version's input example, where it gets no calls."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from functions.common.agreements.tally import ComparedCall, Tally
from functions.common.answers.comparison import difference
from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import ServiceError
from functions.common.observability import make_logger
from functions.common.providers.base import InferenceClient, Predictions
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import InputValidator
from functions.provision.tasks.callers_path import VerificationFailedError, example_body

logger = make_logger("provision")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleComparison:
    """Sends one example to both; *timeout_s* is for each."""

    inference: InferenceClient
    tolerance: float
    timeout_s: float
    monotonic: Callable[[], float] = time.monotonic

    def compare(self, live: Deployment, candidate: Deployment) -> Tally:
        """Return the counts: of one call, or of none where there is no example that both take, or
        *live* does not answer it."""
        body = _body(live, candidate)
        if body is None:
            return Tally()
        try:
            reference, live_ms = self._timed(live, body)
        except ServiceError as error:
            logger.info("agreement.live_silent", code=error.code)
            return Tally()
        try:
            answer, candidate_ms = self._timed(candidate, body)
        except ServiceError as error:
            logger.info("agreement.candidate_silent", code=error.code)
            return Tally().with_call(ComparedCall(agrees=False, failed=True))
        found = difference(reference.values, answer.values)
        return Tally().with_call(
            ComparedCall(
                agrees=found.within(self.tolerance),
                difference=found.largest,
                live_ms=live_ms,
                candidate_ms=candidate_ms,
            )
        )

    def _timed(self, deployment: Deployment, body: RequestBody) -> tuple[Predictions, int]:
        began = self.monotonic()
        answer = self.inference.invoke(deployment, body, deadline=Deadline.after(self.timeout_s))
        return answer, round((self.monotonic() - began) * 1_000)


def _body(live: Deployment, candidate: Deployment) -> RequestBody | None:
    try:
        body = example_body(live)
        if body:
            InputValidator().check(candidate, body)
    except (VerificationFailedError, ServiceError):
        return None
    return body
