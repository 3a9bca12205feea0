"""In-memory `EndpointControl`; tests/contract runs the same tests on Hugging Face's."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.common.providers.base import (
    Endpoint,
    EndpointExistsError,
    EndpointSpec,
    EndpointState,
    ProviderControlError,
)
from functions.common.providers.echo import differences
from tests.builders import NOON


def echo_of(spec: EndpointSpec) -> dict[str, Any]:
    """Return what the provider says of an endpoint that is as *spec* asks."""
    return {
        "access": spec.access,
        "repository": spec.repository,
        "revision": spec.revision,
        "runtime": spec.runtime,
        "env": dict(spec.env),
    }


class FakeEndpointControl:
    """Endpoints in `endpoints`, repositories in `repositories`.

    *echo* replaces what a create asks for, by the names of `echo_of`. *error* is raised by
    every create: before the work, or after it if `loses_answers`. A deleted endpoint is still
    described and listed *slow_deletes* times.
    """

    def __init__(
        self,
        *endpoints: Endpoint,
        echo: Mapping[str, Any] | None = None,
        error: ProviderControlError | None = None,
        loses_answers: bool = False,
        slow_deletes: int = 0,
        now: Callable[[], datetime] = lambda: NOON,
    ) -> None:
        self.endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self.specs: dict[str, EndpointSpec] = {}
        self.repositories: set[str] = set()
        self.echo = echo or {}
        self.error = error
        self.loses_answers = loses_answers
        self.slow_deletes = slow_deletes
        self.now = now
        self._seen_while_going: dict[str, int] = {}

    def become(self, name: str, state: EndpointState, **changes: Any) -> None:
        """Set the endpoint's state, as the provider would."""
        self.endpoints[name] = replace(self.endpoints[name], state=state, **changes)

    def create(self, spec: EndpointSpec) -> Endpoint:
        if self.error and not self.loses_answers:
            raise self.error
        if spec.name in self.endpoints:
            raise EndpointExistsError(spec.name)
        self.specs[spec.name] = spec
        self.endpoints[spec.name] = Endpoint(
            name=spec.name,
            state=EndpointState.STARTING,
            url=None,
            message="Endpoint waiting to be scheduled",
            repository=spec.repository,
            revision=spec.revision,
            tags=spec.tags,
            created_at=self.now(),
            hardware=spec.hardware,
            echo={**echo_of(spec), **self.echo},
        )
        if self.error:
            raise self.error
        return self.endpoints[spec.name]

    def differences(self, endpoint: Endpoint, spec: EndpointSpec) -> list[str]:
        return differences(echo_of(spec), endpoint.echo)

    def describe(self, name: str) -> Endpoint | None:
        if name in self._seen_while_going:
            self._seen_while_going[name] += 1
            if self._seen_while_going[name] > self.slow_deletes:
                del self._seen_while_going[name], self.endpoints[name]
        return self.endpoints.get(name)

    def tagged(self, tag: str) -> list[Endpoint]:
        seen = [self.describe(name) for name in list(self.endpoints)]
        return [endpoint for endpoint in seen if endpoint and tag in endpoint.tags]

    def resume(self, name: str) -> None:
        if name in self.endpoints and self.endpoints[name].state is EndpointState.PAUSED:
            self.become(name, EndpointState.STARTING)

    def pause(self, name: str) -> None:
        self._stop(name, EndpointState.PAUSED)

    def scale_to_zero(self, name: str) -> None:
        self._stop(name, EndpointState.ASLEEP)

    def _stop(self, name: str, state: EndpointState) -> None:
        if name in self.endpoints and self.endpoints[name].state is EndpointState.RUNNING:
            self.become(name, state)

    def delete(self, name: str) -> None:
        if name in self.endpoints:
            self._seen_while_going.setdefault(name, 0)

    def delete_repository(self, repository: str) -> None:
        self.repositories.discard(repository)
