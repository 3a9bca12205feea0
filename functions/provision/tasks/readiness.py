"""The task `check`: one look at an endpoint that is coming up."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from functions.common.deployments.record import Deployment
from functions.common.errors import ProviderError
from functions.common.providers.base import (
    Endpoint,
    EndpointControl,
    EndpointState,
    InferenceClient,
    StartFailure,
)
from functions.provision.compatibility.hardware_tags import SIZE
from functions.provision.tasks.polling import wait_s
from functions.provision.tasks.runner import TaskOutcome, failed

_TAIL_CHARACTERS = 1000
"""A failed start's message ends with the log's last lines, which say why."""
_MEMORY = (
    " (137: killed from outside, nearly always for want of memory. Set the tag "
    f"{SIZE} to a larger size and deploy the version again, or make the model smaller.)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Finds out whether an endpoint serves: it runs, and its model's own server is healthy."""

    control: EndpointControl
    inference: InferenceClient
    deadline_s: float
    now: Callable[[], datetime]

    def check(self, deployment: Deployment) -> TaskOutcome:
        """`ready`; `waiting` with `wait_s`, the seconds to the next look; or `failed`. The deadline
        counts from the endpoint's creation.
        """
        endpoint = self.control.describe(deployment.endpoint.name or "")
        if endpoint is None:
            return failed("The endpoint is gone.", retryable=True)
        if problem := _problem(endpoint, deployment):
            return problem
        try:
            ready = self._is_ready(endpoint)
        except ProviderError as error:
            return failed(error.detail)
        if not ready:
            return self._waiting(endpoint, deployment)
        reached = replace(deployment.endpoint, url=endpoint.url)
        return TaskOutcome(name="ready", changed=replace(deployment, endpoint=reached))

    def _is_ready(self, endpoint: Endpoint) -> bool:
        """A running endpoint can still be loading.

        Raises: ProviderError (its address is not one that our token may be sent to).
        """
        return endpoint.state is EndpointState.RUNNING and self.inference.healthy(endpoint)

    def _waiting(self, endpoint: Endpoint, deployment: Deployment) -> TaskOutcome:
        waited_s = (self.now() - _created_at(deployment)).total_seconds()
        if waited_s < self.deadline_s:
            pause_s = wait_s(waited_s, deployment.endpoint.usual_start_s)
            return TaskOutcome(name="waiting", details={"wait_s": pause_s})
        if endpoint.state is EndpointState.RUNNING:
            return failed(
                f"The endpoint has been running, but its health route {endpoint.health_route} did "
                f"not answer well within {waited_s:.0f} s: the model's server is unhealthy."
            )
        last_words = _tail(endpoint.message) or "nothing"
        return failed(
            f"The endpoint was not ready after {waited_s:.0f} s; it last said: {last_words}",
            retryable=True,
        )


def _problem(endpoint: Endpoint, deployment: Deployment) -> TaskOutcome | None:
    """Return the failure that waiting cannot mend; None when there is none."""
    if endpoint.revision != deployment.package.revision:
        return failed("The endpoint serves another revision than the one asked for.")
    if endpoint.state is EndpointState.FAILED:
        message = _tail(endpoint.message) or "it did not say why."
        advice = _MEMORY if endpoint.failure is StartFailure.KILLED else ""
        return failed(
            f"The endpoint failed to start: {message}{advice}",
            retryable=endpoint.failure is StartFailure.NO_MACHINE,
        )
    if endpoint.state is EndpointState.PAUSED:
        return failed("Somebody paused the endpoint while it was coming up.", retryable=True)
    return None


def _created_at(deployment: Deployment) -> datetime:
    times = [entry.time for entry in deployment.timeline if entry.step == "create"]
    return times[0] if times else deployment.created_at


def _tail(message: str) -> str:
    return message.strip()[-_TAIL_CHARACTERS:]
