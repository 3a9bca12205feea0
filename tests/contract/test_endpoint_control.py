"""The fake endpoint control and Hugging Face's behave the same."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import httpx
import pytest

from functions.common.providers.base import (
    EndpointControl,
    EndpointExistsError,
    EndpointSpec,
    EndpointState,
    Hardware,
    ProviderRefusedError,
    ProviderUnavailableError,
    StartFailure,
)
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
        if name.endswith("/resume"):
            return self._resume(name.removesuffix("/resume"))
        if request.method == "POST":
            return self._create(json.loads(request.content))
        if not name:
            return self._page(request.url.params)
        return self._delete(name) if request.method == "DELETE" else self._describe(name)

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


@pytest.fixture(params=[FakeSystem, HuggingFaceSystem], ids=["fake", "huggingface"])
def system(request: pytest.FixtureRequest) -> System:
    """The fake, then Hugging Face's."""
    made: System = request.param()
    return made


def test_a_created_endpoint_is_described(system: System) -> None:
    """It has what was asked for, and no address yet."""
    created = system.control.create(SPEC)
    assert created == system.control.describe(SPEC.name)
    assert (SPEC.name, EndpointState.STARTING, None) == (created.name, created.state, created.url)
    assert (REPOSITORY, "a" * 40) == (created.repository, created.revision)
    assert (SPEC.tags, "authenticated") == (created.tags, created.access)
    assert (CREATED_AT, SPEC.hardware) == (created.created_at, created.hardware)


def test_an_unknown_endpoint_is_none(system: System) -> None:
    """Describing an endpoint that does not exist is no error."""
    assert system.control.describe("hokus-none") is None


def test_a_name_is_taken_once(system: System) -> None:
    """A second create with the same name raises, whatever else it asks for."""
    system.control.create(SPEC)

    with pytest.raises(EndpointExistsError):
        system.control.create(SPEC)


@pytest.mark.parametrize(
    "state",
    [EndpointState.RUNNING, EndpointState.ASLEEP, EndpointState.PAUSED, EndpointState.FAILED],
)
def test_a_state_comes_with_address_and_message(system: System, state: EndpointState) -> None:
    """The provider's own message is passed on."""
    system.control.create(SPEC)
    system.become(state, "https://x.aws.endpoints.huggingface.cloud", "Exit code: 3")

    endpoint = system.control.describe(SPEC.name)

    assert endpoint
    assert (state, "Exit code: 3") == (endpoint.state, endpoint.message)
    assert "https://x.aws.endpoints.huggingface.cloud" == endpoint.url


def test_all_endpoints_with_the_tag_are_listed(system: System) -> None:
    """Across pages, and without those of other installations."""
    ours = [replace(SPEC, name=f"ours-{number:03}") for number in range(150)]
    theirs = replace(SPEC, name="theirs", tags=("hokus", f"{TAG}4"))
    for spec in (*ours[:70], theirs, *ours[70:]):
        system.control.create(spec)

    listed = system.control.tagged(TAG)

    assert [spec.name for spec in ours] == [endpoint.name for endpoint in listed]
    assert listed[0] == system.control.describe("ours-000")
    assert [] == system.control.tagged("hokus-installation-ffffffff")


def test_a_paused_endpoint_can_be_resumed(system: System) -> None:
    """It is no longer paused at once, and not yet running."""
    system.control.create(SPEC)
    system.become(EndpointState.PAUSED, "https://x.aws.endpoints.huggingface.cloud", "")

    system.control.resume(SPEC.name)

    endpoint = system.control.describe(SPEC.name)
    assert endpoint
    assert EndpointState.STARTING is endpoint.state


@pytest.mark.parametrize("state", [EndpointState.RUNNING, EndpointState.FAILED])
def test_resuming_an_endpoint_that_is_not_paused_changes_nothing(
    system: System, state: EndpointState
) -> None:
    """Neither does resuming one that does not exist."""
    system.control.create(SPEC)
    system.become(state, "https://x.aws.endpoints.huggingface.cloud", "")

    system.control.resume(SPEC.name)
    system.control.resume("hokus-none")

    endpoint = system.control.describe(SPEC.name)
    assert endpoint
    assert state is endpoint.state


def test_a_deletion_takes_time(system: System) -> None:
    """The endpoint is still described for a while; deleting it again raises nothing."""
    system.control.create(SPEC)

    system.control.delete(SPEC.name)
    assert system.control.describe(SPEC.name)
    system.control.delete(SPEC.name)
    assert system.control.describe(SPEC.name) is None
    system.control.delete(SPEC.name)


def test_a_repository_can_be_deleted_repeatedly(system: System) -> None:
    """Deleting one that does not exist raises nothing."""
    system.control.delete_repository(REPOSITORY)
    system.control.delete_repository(REPOSITORY)

    assert set() == system.repositories()


def test_the_payload_is_as_hugging_face_documents() -> None:
    """A custom CPU endpoint that requires a token; no field is null."""
    app = HuggingFaceApp()

    control_of(app).create(SPEC)
    assert {
        "name": SPEC.name,
        "type": "authenticated",
        "provider": {"vendor": "aws", "region": "us-east-1"},
        "compute": {
            "accelerator": "cpu",
            "instanceType": "intel-spr",
            "instanceSize": "x2",
            "scaling": {"minReplica": 1, "maxReplica": 2},
        },
        "model": {
            "repository": REPOSITORY,
            "revision": "a" * 40,
            "framework": "custom",
            "task": "custom",
            "image": {"huggingface": {}},
            "env": {"HOKUS_DEPLOYMENT_ID": "1", "HF_TRUST_REMOTE_CODE": "1"},
            "secrets": {"HOKUS_ENDPOINT_SECRET": "s"},
        },
        "tags": ["hokus", TAG, "hokus-deployment-1"],
    } == json.loads(app.requests[0].content)


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("text-classification", "text-classification"),
        ("translation_en_to_fr", "translation"),
    ],
)
def test_a_hub_source_is_served_by_the_containers_own_code(task: str, expected: str) -> None:
    """The payload names the task and has no environment variables of ours."""
    app = HuggingFaceApp()

    control_of(app).create(replace(SPEC, task=task, env={}, secrets={}))

    model = json.loads(app.requests[0].content)["model"]
    assert ("pytorch", expected) == (model["framework"], model["task"])
    assert ({}, {}) == (model["env"], model["secrets"])


def test_a_list_asks_for_full_pages_of_its_tag() -> None:
    """Pages of a hundred, filtered by the server."""
    app = HuggingFaceApp()

    control_of(app).tagged(TAG)

    assert [{"tags": TAG, "limit": "100"}] == [dict(each.url.params) for each in app.requests]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"items": null}', b'{"endpoints": []}'])
def test_an_answer_that_is_no_list_is_retryable(content: bytes) -> None:
    """Taken for an empty list, it would mean that none of our endpoints exist."""
    with pytest.raises(ProviderUnavailableError):
        control_of(lambda _request: httpx.Response(200, content=content)).tagged(TAG)


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ("Endpoint failed to start. Exit code: 3. Reason: no weights", StartFailure.EXITED),
        ("Endpoint failed to start. Exit code: 137. Reason: ", StartFailure.KILLED),
        ("Endpoint failed to start. Scheduling failure: no capacity", StartFailure.NO_MACHINE),
        ("", StartFailure.NO_MACHINE),
    ],
)
def test_the_message_of_a_failed_start_names_the_cause(message: str, failure: StartFailure) -> None:
    """The container ended, was killed, or never had a machine."""
    status = {"state": "failed", "message": message}
    document = {"name": "x", "model": {}, "status": status}

    endpoint = control_of(lambda _request: httpx.Response(200, json=document)).describe("x")

    assert endpoint
    assert failure is endpoint.failure


@pytest.mark.parametrize(
    ("status", "words", "may_pass"),
    [
        (400, "Instance compute not found", False),
        (400, "Quota exceeded for intel-spr", True),
        (422, "No capacity in us-east-1", True),
        (401, "", True),
        (402, "", True),
        (403, "", True),
    ],
)
def test_a_refusal_says_whether_it_may_pass(status: int, words: str, may_pass: bool) -> None:
    """Want of room, of money or of a good token can pass; a wrong request cannot."""
    answer = httpx.Response(status, json={"error": words})

    with pytest.raises(ProviderRefusedError) as raised:
        control_of(lambda _request: answer).create(SPEC)

    assert may_pass is raised.value.may_pass


def test_a_repeated_cursor_ends_the_list() -> None:
    """A server that repeats a page is not asked forever, and no endpoint is listed twice."""
    document = {"name": "x", "model": {}, "status": {}, "tags": [TAG]}
    page = {"items": [document, {"name": "foreign"}], "nextCursor": "again"}

    listed = control_of(lambda _request: httpx.Response(200, json=page)).tagged(TAG)

    assert ["x"] == [endpoint.name for endpoint in listed]


def test_a_refused_resume_raises() -> None:
    """Unless the endpoint is running already."""
    answer = httpx.Response(400, json={"error": "Bad Request: no quota"})

    with pytest.raises(ProviderRefusedError, match="no quota"):
        control_of(lambda _request: answer).resume("x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T12:41:53.263078506Z", CREATED_AT),
        ("2026-11-22T12:41:53.263078", CREATED_AT),
        ("2026-11-22T14:41:53.263078+02:00", CREATED_AT),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_with_up_to_nine_digits_are_read(text: str | None, expected: datetime | None) -> None:
    """They always have a zone; a time that cannot be read is None."""
    document = {"name": "x", "model": {}, "status": {"createdAt": text}}

    endpoint = control_of(lambda _request: httpx.Response(200, json=document)).describe("x")

    assert endpoint
    assert (expected, None) == (endpoint.created_at, endpoint.hardware)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderRefusedError),
        (401, ProviderRefusedError),
        (402, ProviderRefusedError),
        (403, ProviderRefusedError),
        (404, ProviderRefusedError),
        (408, ProviderUnavailableError),
        (409, EndpointExistsError),
        (422, ProviderRefusedError),
        (429, ProviderUnavailableError),
        (307, ProviderUnavailableError),
        (500, ProviderUnavailableError),
        (502, ProviderUnavailableError),
        (503, ProviderUnavailableError),
    ],
)
def test_every_error_status_has_its_error(status: int, error: type[Exception]) -> None:
    """The message has the server's text, shortened."""
    words = "no such hardware " * 100
    headers = {"Location": "https://elsewhere.test"}
    answer = httpx.Response(status, json={"error": words}, headers=headers)

    with pytest.raises(error, match="no such hardware") as raised:
        control_of(lambda _request: answer).create(SPEC)

    assert len(str(raised.value)) < 350


@pytest.mark.parametrize(
    "fault", [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ConnectError, httpx.ReadError]
)
def test_no_answer_is_retryable(fault: type[httpx.TransportError]) -> None:
    """The provider may have done the work all the same."""

    def app(_request: httpx.Request) -> httpx.Response:
        raise fault("no answer")

    with pytest.raises(ProviderUnavailableError, match=fault.__name__):
        control_of(app).create(SPEC)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"name": 1}', b'{"name": "x"}'])
def test_an_answer_that_is_no_endpoint_is_retryable(content: bytes) -> None:
    """A gateway's page with status 200 is not taken for an endpoint."""
    with pytest.raises(ProviderUnavailableError):
        control_of(lambda _request: httpx.Response(200, content=content)).create(SPEC)


def test_an_unknown_state_counts_as_starting() -> None:
    """A new state of the provider's does not end a deployment."""
    document = {"name": "x", "model": {}, "status": {"state": "hibernating"}}
    control = control_of(lambda _request: httpx.Response(200, json=document))

    endpoint = control.describe("x")

    assert endpoint
    assert EndpointState.STARTING == endpoint.state


def test_a_refused_token_is_reported_without_the_token() -> None:
    """The error says that the token was refused and does not contain it."""
    with pytest.raises(ProviderRefusedError) as raised:
        control_of(HuggingFaceApp(), token="hf_wrong").describe("x")

    assert "hf_wrong" not in str(raised.value)
