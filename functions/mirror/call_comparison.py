"""The comparison of one call's answers: what is kept of it are counts."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from functions.common.agreements.copied_call import CopiedCall
from functions.common.agreements.store import TallyStore
from functions.common.agreements.tally import ComparedCall
from functions.common.answers.comparison import difference
from functions.common.api.body import parsed_body
from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.common.errors import ServiceError
from functions.common.json_text import JsonText, parsed
from functions.common.observability import make_logger
from functions.common.providers.base import InferenceClient
from functions.common.signatures.check import InputValidator, check_fields

logger = make_logger("mirror")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallComparison:
    """Sends copied calls to their candidates and counts how the answers compare.

    Attributes:
        tolerance: See `Difference.within`.
        deadline_s: Seconds that a candidate has for its answer, as callers would give it.
    """

    deployments: DeploymentStore
    inference: InferenceClient
    tallies: TallyStore
    tolerance: float
    deadline_s: float
    validator: InputValidator
    monotonic: Callable[[], float] = time.monotonic

    def compare(self, call: CopiedCall) -> ComparedCall | None:
        """Return what was counted; None, and nothing sent, for a candidate that is none any more.

        Raises: StoreBusyError, UnreadableRecordError, TalliesUnavailableError; the call is lost.
        """
        candidate = self.deployments.get(call.model_id, call.candidate_id)
        if candidate is None or candidate.agreement.live_id != call.live_id:
            return None
        if not candidate.status.in_progress:
            return None
        compared = self._compared(candidate, call)
        self.tallies.add(call.candidate_id, call.live_id, compared)
        return compared

    def _compared(self, candidate: Deployment, call: CopiedCall) -> ComparedCall:
        """Send the call as a caller's: what would be refused counts as not answered."""
        began = self.monotonic()
        try:
            body = parsed_body(call.body.encode())
            check_fields(body)
            self.validator.check(candidate, body)
            predictions = self.inference.invoke(
                candidate,
                body,
                deadline=Deadline.after(self.deadline_s),
                request_id=call.request_id,
            )
        except ServiceError as error:
            logger.info("candidate.failed", code=error.code, request_id=call.request_id)
            return ComparedCall(agrees=False, failed=True)
        took_ms = round((self.monotonic() - began) * 1_000)
        found = difference(parsed(JsonText(call.answer.encode())), predictions.values)
        return ComparedCall(
            agrees=found.within(self.tolerance),
            difference=found.largest,
            live_ms=call.latency_ms,
            candidate_ms=took_ms,
        )
