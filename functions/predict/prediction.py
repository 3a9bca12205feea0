"""A prediction: from a checked body to the model's answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.common.deployments.record import Deployment
from functions.common.providers.base import InferenceClient
from functions.predict.live_deployments import LiveDeployments


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model answered.

    Attributes:
        values: JSON value as the model gave it; rows in the order of the input's rows.
        latency_ms: The provider's part of the time.
    """

    deployment: Deployment
    values: Any
    latency_ms: float


class Predictor:
    """Predicts with whatever deployment is live, within one deadline for everything."""

    def __init__(
        self,
        live_deployments: LiveDeployments,
        client: InferenceClient,
        *,
        deadline_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._live_deployments = live_deployments
        self._client = client
        self._deadline_s = deadline_s
        self._monotonic = monotonic

    def predict(self, model_id: str, body: bytes) -> Prediction:
        """Score *body* (see `request_body`) with the live deployment of *model_id*.

        Raises: ModelNotFoundError and whatever `InferenceClient.invoke` raises.
        """
        started = self._monotonic()
        deployment = self._live_deployments.of(model_id)
        asked = self._monotonic()
        answer = self._client.invoke(
            deployment, body, timeout_s=self._deadline_s - (asked - started)
        )
        return Prediction(deployment, answer.values, (self._monotonic() - asked) * 1_000)
