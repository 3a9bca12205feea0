"""A run: every model that is not at rest is checked once, some at a time."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event

from functions.common.deadline import Deadline
from functions.common.observability import make_logger
from functions.common.signatures.body import RequestBody
from functions.uptime.api import NoAnswerError, PredictionApi
from functions.uptime.candidates import Candidate, Candidates, ServingModel
from functions.uptime.report import Check, Unchecked, UptimeReport
from functions.uptime.verdict import CheckVerdict, verdict_of

WORKERS = 8
"""Checks at once, of different models."""

logger = make_logger("uptime")


@dataclass(frozen=True, slots=True, kw_only=True)
class UptimeRun:
    """Checks all models.

    Attributes:
        note: Is given every check.
        longest_s: Seconds after which no further check begins.
        tolerance: Share of its size by which a number of equal answers may differ.
    """

    candidates: Candidates
    api: PredictionApi
    note: Callable[[Check], None]
    longest_s: float
    tolerance: float
    monotonic: Callable[[], float] = time.monotonic

    def run(self, key: str) -> UptimeReport:
        """Check all models with the API key *key*.

        Raises: StoreBusyError (which models there are is not known).
        """
        deadline = Deadline.after(self.longest_s, clock=self.monotonic)
        report = UptimeReport(spared=self.candidates.keep_endpoints_awake())
        if report.spared:
            return report
        models = list(self.candidates.serving())
        # When time runs out, it is not always the same models' turn that does not come.
        random.shuffle(models)
        for model, outcome in self._outcomes(models, key, deadline):
            report.add(model.model_id, outcome)
            if isinstance(outcome, Check):
                self.note(outcome)
        return report

    def _outcomes(
        self, models: Sequence[ServingModel], key: str, deadline: Deadline
    ) -> Iterator[tuple[ServingModel, Check | Unchecked]]:
        refused = Event()

        def outcome_of(model: ServingModel) -> Check | Unchecked:
            if refused.is_set() or deadline.left_s() <= 0:
                return Unchecked.NOT_BEGUN
            outcome = self._outcome(model, key)
            if isinstance(outcome, Check) and outcome.verdict.key_refused:
                refused.set()
            return outcome

        with ThreadPoolExecutor(WORKERS) as pool:
            yield from zip(models, pool.map(outcome_of, models), strict=True)

    def _outcome(self, model: ServingModel, key: str) -> Check | Unchecked:
        try:
            return self._checked(model, key)
        except Exception:
            logger.error("uptime.failed", model_id=model.model_id, exc_info=True)
            return Unchecked.FAILED

    def _checked(self, model: ServingModel, key: str) -> Check | Unchecked:
        candidate = self.candidates.candidate(model)
        if candidate is None:
            return Unchecked.AT_REST
        example = candidate.deployment.contract.input_example
        if example is None:
            return Unchecked.WITHOUT_EXAMPLE
        check = self._call(candidate, RequestBody.of(example).raw, key)
        if check.woken and check.verdict.answer_changed is not None:
            self.candidates.note_checked(candidate.deployment)
        return check

    def _call(self, candidate: Candidate, body: bytes, key: str) -> Check:
        deployment, began, request_id = candidate.deployment, self.monotonic(), None
        try:
            answer = self.api.predict(deployment.model_id, body, key=key)
        except NoAnswerError as error:
            verdict = CheckVerdict(available=False, code=error.code)
        else:
            verdict, request_id = verdict_of(answer, deployment, self.tolerance), answer.request_id
        return Check(
            deployment=deployment,
            verdict=verdict,
            latency_ms=(self.monotonic() - began) * 1_000,
            request_id=request_id,
            woken=candidate.woken,
        )
