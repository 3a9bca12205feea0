"""`InferenceClient` with fixed answers; tests/contract runs the same tests on the real one."""

from collections.abc import Sequence
from typing import Any

from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import ModelRejectedInputError, ProviderError
from functions.common.providers.base import Endpoint, Predictions
from functions.common.signatures.body import RequestBody


class FakeClock:
    """A clock in seconds for `monotonic`, and its `sleep`, which takes no time."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, duration_s: float) -> None:
        self.now += duration_s


class FakeInferenceClient:
    """Answers *values* or raises *error*; `sent` has (deployment id, body) of every call.

    *script* has the outcomes of the first calls: an error is raised, anything else is
    answered. *latencies_s* advances *clock* by that many seconds in each of the first calls; the
    last latency applies to all later ones.

    `answers_as` and `package` are the deployment and package that the endpoint reports; by default
    the requested ones. An answer of another deployment counts as none. A Hub source reports
    neither, and accepts no tables.
    """

    def __init__(
        self,
        values: Any = None,
        *,
        error: Exception | None = None,
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
        self.request_ids: list[str | None] = []
        self._clock = clock or FakeClock()
        self._latencies_s = list(latencies_s)

    def healthy(self, endpoint: Endpoint) -> bool:
        return self.is_healthy and endpoint.url is not None

    def invoke(
        self,
        deployment: Deployment,
        body: RequestBody,
        *,
        deadline: Deadline,
        request_id: str | None = None,
    ) -> Predictions:
        assert deadline.left_s() > 0
        if deployment.package.is_hub_source and not {"inputs", "instances"} & body.parsed.keys():
            raise ModelRejectedInputError("Send `inputs`.")
        call = len(self.sent)
        self.sent.append((deployment.id, body.raw))
        self.request_ids.append(request_id)
        if self._latencies_s:
            self._clock.sleep(self._latencies_s[min(call, len(self._latencies_s) - 1)])
        scripted = call < len(self.script)
        answer = self.script[call] if scripted else self.error or self.values
        if isinstance(answer, Exception):
            raise answer
        if deployment.package.is_hub_source:
            return Predictions(answer, None)
        answers_as = self.answers_as or deployment.endpoint_deployment_id
        if answers_as != deployment.endpoint_deployment_id:
            raise ProviderError("Another deployment answered at the model's address.")
        return Predictions(answer, answers_as, self.package or deployment.package.digest)
