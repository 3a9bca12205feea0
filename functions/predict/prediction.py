"""A prediction: from a parsed body to the model's answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.common.deadline import Deadline, Timings
from functions.common.deployments.record import Deployment
from functions.common.errors import ModelNotReadyError, ModelWarmingUpError, ServiceError
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import InputValidator
from functions.common.wide_event import WideEvent
from functions.predict.live_deployments import LiveDeployments
from functions.predict.outcomes import OutcomeCounter
from functions.predict.resilience.retrying_client import RetryingClient

if TYPE_CHECKING:
    from functions.predict.mirroring.copies import Copy

type BeginCopy = Callable[[Deployment], Copy | None]
"""Returns the copy of a call that is to be sent once it is answered, if any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One caller's request for a prediction.

    Attributes:
        deadline: Shared by every step and every attempt.
        wait_until: How long the caller prefers to wait for a starting model; None: not at all.
        may_wait: Whether it may wait now: not too many others do.
        timings: Where the steps' durations are added.
        wide_event: Where it is noted what the call met.
    """

    model_id: str
    request_id: str
    body: RequestBody
    deadline: Deadline
    wait_until: Deadline | None
    may_wait: Callable[[], bool]
    timings: Timings
    wide_event: WideEvent


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model's answer.

    Attributes:
        content: As in `Predictions`.
        latency_ms: Time spent on the provider, waiting and retries included.
    """

    deployment: Deployment
    content: Any
    latency_ms: float


class Predictor:
    """Predicts with the live deployment of a model.

    With *metrics_per_model* each model has metrics of its own. *begin_copy* is asked only for live
    deployments that name a candidate.
    """

    def __init__(
        self,
        live_deployments: LiveDeployments,
        validator: InputValidator,
        client: RetryingClient,
        outcomes: OutcomeCounter,
        *,
        begin_copy: BeginCopy,
        metrics_per_model: bool,
    ) -> None:
        self._live_deployments = live_deployments
        self._validator = validator
        self._client = client
        self._begin_copy = begin_copy
        self._outcomes = outcomes
        self._metrics_per_model = metrics_per_model

    def predict(self, call: Call) -> Prediction:
        """Score the body with the live deployment of the model.

        Raises: ModelNotFoundError, InvalidInputError, and whatever `RetryingClient.predict` raises.
        """
        with call.timings.measured("lookup"):
            deployment = self._live_deployments.get(call.model_id)
        try:
            return self._predict_with(deployment, call)
        except ModelWarmingUpError:
            raise
        except ModelNotReadyError:
            # The deployment may have been replaced, and its endpoint deleted, since the lookup.
            newer = self._live_deployments.refresh(call.model_id)
            if newer.endpoint.url == deployment.endpoint.url:
                raise
            return self._predict_with(newer, call)

    def note_replay(self, call: Call) -> None:
        """Note that an earlier call's answer was given again, which needs no deployment."""
        call.wide_event.note_model(call.model_id, has_metrics=self._metrics_per_model)
        call.wide_event.note(replayed=True)

    def _predict_with(self, deployment: Deployment, call: Call) -> Prediction:
        call.wide_event.note_model(call.model_id, has_metrics=self._metrics_per_model)
        call.wide_event.note(version=deployment.model_version, deployment=deployment.id)
        self._validator.check(deployment, call.body)
        copy = self._begin_copy(deployment) if deployment.candidate.id else None
        try:
            with call.timings.measured("provider"):
                predictions = self._client.predict(
                    deployment,
                    call.body,
                    deadline=call.deadline,
                    wait_until=call.wait_until,
                    may_wait=call.may_wait,
                    request_id=call.request_id,
                    wide_event=call.wide_event,
                )
        except ServiceError as error:
            self._outcomes.failed(deployment, error)
            raise
        self._outcomes.answered(deployment)
        latency_ms = call.timings.ms("provider")
        if copy:
            sent = copy.send(
                call.body, predictions.content, latency_ms=latency_ms, request_id=call.request_id
            )
            call.wide_event.note(mirrored=sent)
        return Prediction(deployment, predictions.content, latency_ms)
