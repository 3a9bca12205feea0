"""`InferenceClient` that answers what it was given."""

from typing import Any

from functions.common.deployments.record import Deployment
from functions.common.errors import ServiceError
from functions.common.providers.base import Endpoint, Predictions


class FakeInferenceClient:
    """Answers *values*, or raises *error*; `sent` holds what was asked: (deployment id, body).

    `answers_as` is the deployment that the endpoint says it is; by default the one asked.
    """

    def __init__(
        self,
        values: Any = None,
        *,
        error: ServiceError | None = None,
        healthy: bool = True,
        answers_as: str | None = None,
    ) -> None:
        self.values = values
        self.error = error
        self.is_healthy = healthy
        self.answers_as = answers_as
        self.sent: list[tuple[str, bytes]] = []

    def healthy(self, endpoint: Endpoint) -> bool:
        return self.is_healthy and endpoint.url is not None

    def invoke(self, deployment: Deployment, body: bytes, *, timeout_s: float) -> Predictions:
        assert timeout_s > 0
        self.sent.append((deployment.id, body))
        if self.error:
            raise self.error
        return Predictions(self.values, self.answers_as or deployment.id)
