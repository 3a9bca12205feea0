"""The task `verify`: the model answers through the very code that predictions use.

Each prediction goes through all that a caller's does: the rules of a body, the request schema, the
endpoint, the answer that is made. What would fail for a caller fails here.

One prediction warms the model up, then some more are timed. Every one of them has to be right, and
their fingerprint is kept if they agree.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from functions.common.answers.fingerprint import Fingerprint
from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment, PackageRecord
from functions.common.errors import (
    ConnectionFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    PayloadTooLargeError,
    ProviderError,
    ProviderTimeoutError,
)
from functions.common.providers.base import InferenceClient, Predictions
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import mismatch
from functions.provision.tasks.callers_path import (
    VerificationFailedError,
    example_body,
    make_answer,
)
from functions.provision.tasks.runner import TaskOutcome, failed
from functions.provision.tasks.same_answers import CHANGED, VARYING, with_answers

_PAUSE_S = 5.0
"""Between a broken off verification and the next: longer than one lost request's cause lasts."""
_MAY_PASS = (ModelNotReadyError, ConnectionFailedError)
"""The model has said nothing: there was nobody to say it."""
_OWN_FORM = "its Hub source answers in its own form, not in the signature's"


class _BrokenOffError(Exception):
    """The endpoint had answered and then was not there any more; the message says how often."""


@dataclass(frozen=True, slots=True)
class _Prediction:
    latency_s: float
    answer: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeTest:
    """Sends a deployment the input example that its model was logged with.

    Attributes:
        timeout_s: Seconds for one prediction.
        times: How many predictions are timed, at least 1, after the one that warms up.
        max_latency_s: Seconds that their median may take.
        answer_tolerance: Share of its size by which a number of equal answers may differ.
    """

    inference: InferenceClient
    timeout_s: float
    times: int
    max_latency_s: float
    answer_tolerance: float
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def verify(self, deployment: Deployment) -> TaskOutcome:
        """`verified`, or `failed` with the cause and with which prediction showed it.

        Without an example only the health that `check` has seen speaks for it.

        Raises: ModelNotReadyError and ConnectionFailedError (before the first answer: a replica
        may still be starting), RateLimitedError; try again.
        """
        try:
            body = example_body(deployment)
            if body is None:
                return TaskOutcome(
                    name="verified", note="verified by its health alone (unverified input)"
                )
            predictions = self._twice_if_broken_off(deployment, body)
        except VerificationFailedError as failure:
            return failed(str(failure))
        median_s = statistics.median(each.latency_s for each in predictions[1:])
        if median_s > self.max_latency_s:
            return failed(
                f"The model is too slow: the median of {self.times} predictions took "
                f"{_seconds(median_s)}; {_seconds(self.max_latency_s)} are allowed."
            )
        answers = [each.answer for each in predictions]
        package = with_answers(deployment.package, answers, self.answer_tolerance)
        if package is None:
            return failed(CHANGED, retryable=True)
        return TaskOutcome(
            name="verified", note=_note(package), changed=replace(deployment, package=package)
        )

    def _twice_if_broken_off(self, deployment: Deployment, body: RequestBody) -> list[_Prediction]:
        """Measure again after an interruption: a proxy loses a request now and then.

        Raises: VerificationFailedError.
        """
        try:
            return self._predictions(deployment, body)
        except _BrokenOffError as broken_off:
            answered = str(broken_off)
        self.sleep(_PAUSE_S)
        try:
            return self._predictions(deployment, body)
        except (_BrokenOffError, *_MAY_PASS) as error:
            raise VerificationFailedError(
                f"The model answered {answered} predictions, then its endpoint stopped answering, "
                "and a second try broke off, too: its container has probably crashed, for example "
                "out of memory, or the model has ended its own process."
            ) from error

    def _predictions(self, deployment: Deployment, body: RequestBody) -> list[_Prediction]:
        """Return the first prediction and the timed ones.

        Raises: VerificationFailedError, _BrokenOffError, and what the first prediction may.
        """
        predictions = []
        for call in range(1 + self.times):
            started = self.monotonic()
            try:
                answer = self._predict(deployment, body)
                latency_s = self.monotonic() - started
                predictions.append(_Prediction(latency_s, _checked(answer, deployment)))
            except VerificationFailedError as failure:
                which = f"Prediction {call + 1} of {1 + self.times}"
                raise VerificationFailedError(f"{which}: {failure}") from failure
            except _MAY_PASS as error:
                if call == 0:
                    raise
                raise _BrokenOffError(f"{call} of {1 + self.times}") from error
        return predictions

    def _predict(self, deployment: Deployment, body: RequestBody) -> Predictions:
        """Raises: VerificationFailedError, ModelNotReadyError, ConnectionFailedError,
        RateLimitedError."""
        try:
            return self.inference.invoke(deployment, body, deadline=Deadline.after(self.timeout_s))
        except ModelRejectedInputError as error:
            reason = f"The model rejected its own input example: {error.detail}"
        except ProviderTimeoutError:
            limit = _seconds(self.timeout_s)
            reason = f"The model did not answer its input example within {limit}."
        except ConnectionFailedError:
            raise
        except (ProviderError, PayloadTooLargeError) as error:
            reason = f"The input example got no prediction: {error.detail}"
        raise VerificationFailedError(reason)


def _note(package: PackageRecord) -> str | None:
    found = {_OWN_FORM: package.is_hub_source, VARYING: package.answers_vary}
    notes = [note for note, applies in found.items() if applies]
    return "; ".join(["verified", *notes]) if notes else None


def _checked(answer: Predictions, deployment: Deployment) -> Fingerprint:
    """Raises: VerificationFailedError."""
    make_answer(deployment, answer.content)
    values = answer.values
    if deployment.package.is_hub_source:
        # It knows nothing of us, and the signature is that of MLflow's own pipelines.
        _check_values(values, None)
        return Fingerprint.of(values)
    if answer.package_digest != deployment.package.digest:
        raise VerificationFailedError(
            "The endpoint serves other files than those published for it."
        )
    _check_values(values, deployment.contract.answer_schema)
    return Fingerprint.of(values)


def _check_values(values: Any, answer_schema: dict[str, Any] | None) -> None:
    if difference := mismatch(values, answer_schema):
        wrong = "does not fit the model's signature" if answer_schema else "is not usable"
        raise VerificationFailedError(f"The answer to the input example {wrong}: {difference}")


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.1f} s"
