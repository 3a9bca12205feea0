"""The endpoint controls under test: the fake, and Hugging Face's on an app in this process."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx

from functions.common.providers.base import (
    EndpointControl,
    EndpointSpec,
    EndpointState,
)
from functions.common.providers.hardware import Hardware
from functions.common.providers.huggingface.control import HuggingFaceControl
from tests.fakes.endpoint_control import FakeEndpointControl

TAG = "hokus-installation-0a1b2c3d"
CREATED_AT = datetime(2026, 11, 22, 12, 41, 53, 263078, tzinfo=UTC)
REPOSITORY = "acme/hokus-iris-0123abcd"
SPEC = EndpointSpec(
    name="hokus-iris-0123abcd",
    repository=REPOSITORY,
    revision="a" * 40,
    hardware=Hardware(
        vendor="aws",
        region="us-east-1",
        instance_type="intel-spr",
        instance_size="x2",
        min_replicas=1,
        max_replicas=2,
        scale_to_zero_after_min=None,
    ),
    access="authenticated",
    tags=("hokus", TAG, "hokus-deployment-1"),
    runtime="container",
    python="3.12",
    env={"HOKUS_DEPLOYMENT_ID": "1"},
    secrets={"HOKUS_ENDPOINT_SECRET": "s"},
)


class HuggingFaceApp:
    """The parts of the control API and the Hub that the adapter uses, for the namespace `acme`."""

    def __init__(self) -> None:
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.repositories = {REPOSITORY}
        self.going: dict[str, int] = {}
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if "Bearer hf_test" != request.headers.get("Authorization"):
            return httpx.Response(401, json={"error": "Invalid token"})
        if request.url.path == "/api/repos/delete":
            return self._delete_repository(json.loads(request.content))
        prefix = "/v2/endpoint/acme"
        assert request.url.path.startswith(prefix)
        name = request.url.path.removeprefix(prefix).strip("/")
        if request.method == "POST":
            return self._post(name, json.loads(request.content or b"null"))
        if not name:
            return self._page(request.url.params)
        return self._delete(name) if request.method == "DELETE" else self._describe(name)

    def _post(self, path: str, body: Any) -> httpx.Response:
        name, _, verb = path.partition("/")
        match verb:
            case "resume":
                return self._resume(name)
            case "pause":
                return self._stop(name, "paused")
            case "scale-to-zero":
                return self._stop(name, "scaledToZero")
        return self._create(body)

    def _create(self, document: dict[str, Any]) -> httpx.Response:
        name = document["name"]
        if name in self.endpoints:
            return httpx.Response(409, json={"error": "An endpoint with this name exists"})
        self.endpoints[name] = {
            **document,
            "model": {**document["model"], "secrets": {}},
            "healthRoute": "/health",
            "status": {
                "createdAt": "2026-11-22T12:41:53.263078506Z",
                "state": "pending",
                "message": "Endpoint waiting to be scheduled",
            },
        }
        return httpx.Response(202, json=self.endpoints[name])

    def _describe(self, name: str) -> httpx.Response:
        if name in self.going:
            self.going[name] -= 1
            if self.going[name] < 0:
                del self.going[name], self.endpoints[name]
        if name not in self.endpoints:
            return httpx.Response(404, json={"error": "Endpoint not found"})
        return httpx.Response(200, json=self.endpoints[name])

    def _page(self, query: httpx.QueryParams) -> httpx.Response:
        """Return a page of all endpoints, ignoring `tags` as a different server might."""
        start, size = int(query.get("cursor", "0")), int(query["limit"])
        documents = list(self.endpoints.values())
        following = {"nextCursor": str(start + size)} if start + size < len(documents) else {}
        return httpx.Response(200, json={"items": documents[start : start + size], **following})

    def _resume(self, name: str) -> httpx.Response:
        if name not in self.endpoints:
            return httpx.Response(404, json={"error": "Endpoint not found"})
        status = self.endpoints[name]["status"]
        if status["state"] != "paused":
            return httpx.Response(400, json={"error": "Bad Request: endpoint is already running"})
        status["state"] = "initializing"
        return httpx.Response(200, json=self.endpoints[name])

    def _stop(self, name: str, state: str) -> httpx.Response:
        if name not in self.endpoints:
            return httpx.Response(404, json={"error": "Endpoint not found"})
        status = self.endpoints[name]["status"]
        if status["state"] != "running":
            return httpx.Response(400, json={"error": "Bad Request: endpoint is not running"})
        status["state"] = state
        return httpx.Response(200, json=self.endpoints[name])

    def _delete(self, name: str) -> httpx.Response:
        if name not in self.endpoints:
            return httpx.Response(404, json={"error": "Endpoint not found"})
        self.going.setdefault(name, 1)
        return httpx.Response(200)

    def _delete_repository(self, document: dict[str, str]) -> httpx.Response:
        repository = f"{document['organization']}/{document['name']}"
        if repository not in self.repositories:
            return httpx.Response(404, json={"error": "Repository not found"})
        self.repositories.remove(repository)
        return httpx.Response(200)


class System(Protocol):
    """An endpoint control, and access to what lies behind it."""

    control: EndpointControl

    def become(self, state: EndpointState, url: str, message: str) -> None: ...
    def repositories(self) -> set[str]: ...


class FakeSystem:
    def __init__(self) -> None:
        self.control = FakeEndpointControl(slow_deletes=1, now=lambda: CREATED_AT)
        self.control.repositories.add(REPOSITORY)

    def become(self, state: EndpointState, url: str, message: str) -> None:
        self.control.become(SPEC.name, state, url=url, message=message)

    def repositories(self) -> set[str]:
        return self.control.repositories


class HuggingFaceSystem:
    def __init__(self) -> None:
        self.app = HuggingFaceApp()
        self.control = control_of(self.app)

    def become(self, state: EndpointState, url: str, message: str) -> None:
        native = {EndpointState.ASLEEP: "scaledToZero"}.get(state, state.value)
        status = {"state": native, "url": url, "message": message}
        self.app.endpoints[SPEC.name]["status"] |= status

    def repositories(self) -> set[str]:
        return self.app.repositories


def control_of(
    app: Callable[[httpx.Request], httpx.Response], token: str = "hf_test"
) -> HuggingFaceControl:
    return HuggingFaceControl(
        api_url="https://api.test/",
        hub_url="https://hub.test",
        namespace="acme",
        token=lambda: token,
        client=httpx.Client(transport=httpx.MockTransport(app)),
    )
