"""A prediction: from a checked body to the model's answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.common.api.body import Body
from functions.common.api.timings import Timings
from functions.common.deployments.record import Deployment
from functions.common.errors import ModelNotReadyError, ModelWarmingUpError
from functions.common.signatures.check import InputValidator
from functions.predict.live_deployments import LiveDeployments
from functions.predict.resilience.retrying_client import Calls, Patience

LEFT_FOR_THE_MODEL_S = 2.0
"""Of the deadline, kept for the prediction itself when a caller waits for a model to start."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model answered.

    Attributes:
        values: JSON value as the model gave it; rows in the order of the input's rows.
        latency_ms: The provider's part of the time, waiting for it included.
    """

    deployment: Deployment
    values: Any
    latency_ms: float


class Predictor:
    """Predicts with whatever deployment is live, within one deadline for everything."""

    def __init__(
        self,
        live_deployments: LiveDeployments,
        validator: InputValidator,
        calls: Calls,
        *,
        deadline_s: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._live_deployments = live_deployments
        self._validator = validator
        self._calls = calls
        self._deadline_s = deadline_s
        self._now = now

    def predict(
        self, model_id: str, body: Body, *, wait_s: float = 0, timings: Timings
    ) -> Prediction:
        """Score *body* with the live deployment of *model_id*.

        *wait_s* is how long the caller would rather wait for a starting model than be told so;
        that, and the deadline, count from when the request came.

        Raises: ModelNotFoundError, InvalidInputError, and whatever `Calls.predict` raises.
        """
        came_at = self._now() - timings.elapsed_s
        deadline = came_at + self._deadline_s
        patience = Patience(
            deadline=deadline, wait_until=min(came_at + wait_s, deadline - LEFT_FOR_THE_MODEL_S)
        )
        with timings.measured("lookup"):
            deployment = self._live_deployments.of(model_id)
        try:
            return self._ask(deployment, body, patience, timings)
        except ModelWarmingUpError:
            raise
        except ModelNotReadyError:
            # It may have been replaced since it was looked up, and be gone for that reason.
            newer = self._live_deployments.refresh(model_id)
            if newer.endpoint_url == deployment.endpoint_url:
                raise
            return self._ask(newer, body, patience, timings)

    def _ask(
        self, deployment: Deployment, body: Body, patience: Patience, timings: Timings
    ) -> Prediction:
        self._validator.check(deployment, body.parsed)
        asked = self._now()
        with timings.measured("provider"):
            answer = self._calls.predict(deployment, body.raw, patience)
        return Prediction(deployment, answer.values, (self._now() - asked) * 1_000)
