"""`InferenceClient` that answers what it was given; tests/contract holds it to the real one."""

import json
from collections.abc import Sequence
from typing import Any

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment, ModelSource
from functions.common.errors import ModelRejectedInputError, ProviderError, ServiceError
from functions.common.providers.base import Endpoint, Predictions


class FakeClock:
    """Seconds that pass when told to; a `monotonic` and, as `sleep`, the way to let them pass."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, duration_s: float) -> None:
        self.now += duration_s


class FakeInferenceClient:
    """Answers *values*, or raises *error*; `sent` holds what was asked: (deployment id, body).

    *script* says what the first calls do instead, one after the other: a ServiceError is raised,
    anything else is answered. *latencies_s* lets that many seconds of *clock* pass in each of the
    first calls, and the last of them in all later ones.

    `answers_as` and `package` are what the endpoint says of itself; by default what is asked for.
    Who answers as another deployment has given no answer. A deployment of a Hub source knows
    neither, and takes no tables.
    """

    def __init__(
        self,
        values: Any = None,
        *,
        error: ServiceError | None = None,
        script: Sequence[Any] = (),
        clock: FakeClock | None = None,
        latencies_s: Sequence[float] = (),
        healthy: bool = True,
        answers_as: str | None = None,
        package: str | None = None,
    ) -> None:
        self.values = values
        self.error = error
        self.script = list(script)
        self.is_healthy = healthy
        self.answers_as = answers_as
        self.package = package
        self.sent: list[tuple[str, bytes]] = []
        self._clock = clock or FakeClock()
        self._latencies_s = list(latencies_s)

    def healthy(self, endpoint: Endpoint) -> bool:
        return self.is_healthy and endpoint.url is not None

    def invoke(self, deployment: Deployment, body: bytes, *, deadline: Deadline) -> Predictions:
        assert deadline.left_s() > 0
        if (
            deployment.package.runtime is ModelSource.HUB
            and not {"inputs", "instances"} & json.loads(body).keys()
        ):
            raise ModelRejectedInputError("Send `inputs`.")
        call = len(self.sent)
        self.sent.append((deployment.id, body))
        if self._latencies_s:
            self._clock.sleep(self._latencies_s[min(call, len(self._latencies_s) - 1)])
        scripted = call < len(self.script)
        answer = self.script[call] if scripted else self.error or self.values
        if isinstance(answer, ServiceError):
            raise answer
        if deployment.package.runtime is ModelSource.HUB:
            return Predictions(answer, None)
        answers_as = self.answers_as or deployment.endpoint_deployment_id
        if answers_as != deployment.endpoint_deployment_id:
            raise ProviderError("Another deployment answered at the model's address.")
        return Predictions(answer, answers_as, self.package or deployment.package.digest)
