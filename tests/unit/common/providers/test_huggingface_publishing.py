"""Publishing to the Hub, against its upload protocol for plain files."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import set_client_factory
from huggingface_hub.errors import HfHubHTTPError

from functions.common.providers.huggingface.publishing import TIMEOUT, HuggingFaceModelHub
from functions.common.providers.packaging import HubRefusedError

REPOSITORY = "acme/hokus-iris-0123abcd"


class HubApp:
    """One repository whose commits' content determines the revision. *refusal* answers creates."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] | None = None
        self.private = True
        self.refusal: httpx2.Response | None = None
        self.commits = 0
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        path = request.url.path
        if path == "/api/repos/create":
            return self._create()
        if self.files is None:
            missing = {"X-Error-Code": "RepoNotFound"}
            return httpx2.Response(404, json={"error": "Not found"}, headers=missing)
        if path.endswith(f"/api/models/{REPOSITORY}") or "/revision/" in path:
            return _json({"id": REPOSITORY, "sha": self._sha(), "private": self.private})
        if "/tree/" in path:
            return _json([self._entry(name) for name in sorted(self.files or {})])
        if "/preupload/" in path:
            return _json({"files": [self._upload(each) for each in _sent(request)["files"]]})
        assert path == f"/api/models/{REPOSITORY}/commit/main"
        return self._commit(request)

    def _create(self) -> httpx2.Response:
        url = f"https://hub.test/{REPOSITORY}"
        if self.refusal:
            return self.refusal
        if self.files is not None:
            return _json({"error": "You already created this model repo", "url": url}, 409)
        self.files = {}
        return _json({"url": url})

    def _entry(self, name: str) -> dict[str, Any]:
        content = (self.files or {})[name]
        return {"type": "file", "path": name, "size": len(content), "oid": _blob_id(content)}

    def _upload(self, sent: dict[str, Any]) -> dict[str, Any]:
        known = (self.files or {}).get(sent["path"])
        answer = {"path": sent["path"], "uploadMode": "regular", "shouldIgnore": False}
        return answer if known is None else {**answer, "oid": _blob_id(known)}

    def _commit(self, request: httpx2.Request) -> httpx2.Response:
        assert self.files is not None
        for line in map(json.loads, request.content.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del self.files[value["path"]]
        self.commits += 1
        url = f"https://hub.test/{REPOSITORY}/commit/{self._sha()}"
        return _json({"success": True, "commitOid": self._sha(), "commitUrl": url})

    def _sha(self) -> str:
        content = repr(sorted((self.files or {}).items())).encode()
        return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _sent(request: httpx2.Request) -> Any:
    return json.loads(request.content)


def _json(document: Any, status: int = 200) -> httpx2.Response:
    return httpx2.Response(status, json=document)


def _blob_id(content: bytes) -> str:
    blob = b"blob %d\0%b" % (len(content), content)
    return hashlib.sha1(blob, usedforsecurity=False).hexdigest()


@pytest.fixture
def app() -> HubApp:
    return HubApp()


@pytest.fixture
def hub(app: HubApp) -> Iterator[HuggingFaceModelHub]:
    """The app in place of the Hub's HTTP client, which the adapter sets for the process."""
    made = HuggingFaceModelHub("https://hub.test", token=lambda: "hf_test", lent_by=["a"])
    set_client_factory(lambda: httpx2.Client(transport=httpx2.MockTransport(app)))
    yield made
    set_client_factory(lambda: httpx2.Client(timeout=TIMEOUT))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "handler.py").write_text("pass")
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}")
    return tmp_path


def published(hub: HuggingFaceModelHub, folder: Path, repository: str = REPOSITORY) -> str:
    """Return the revision of *folder*."""
    hub.upload(folder / "model", repository, at="model")
    return hub.publish(folder, repository)


def test_a_folder_is_published_as_a_private_repository(
    hub: HuggingFaceModelHub, app: HubApp, folder: Path
) -> None:
    """At the revision that is returned, with our token."""
    revision = published(hub, folder)

    assert {"handler.py": b"pass", "model/MLmodel": b"flavors: {}"} == app.files
    assert app._sha() == revision
    wanted = {"visibility": "private", "name": "hokus-iris-0123abcd", "organization": "acme"}
    assert wanted == _sent(app.requests[0])
    assert {"Bearer hf_test"} == {each.headers["authorization"] for each in app.requests}


def test_no_other_host_is_contacted(hub: HuggingFaceModelHub, app: HubApp, folder: Path) -> None:
    """huggingface_hub has telemetry and look-ups of its own."""
    published(hub, folder)

    assert {"hub.test"} == {request.url.host for request in app.requests}


def test_the_same_folder_again_is_no_new_revision(
    hub: HuggingFaceModelHub, app: HubApp, folder: Path
) -> None:
    """A retry changes nothing."""
    first = published(hub, folder)

    assert first == published(hub, folder)
    assert 1 == app.commits


def test_files_missing_from_the_folder_are_deleted(
    hub: HuggingFaceModelHub, app: HubApp, folder: Path
) -> None:
    """A broken-off upload leaves no file behind in the next one."""
    app.files = {"old.txt": b"x", ".gitattributes": b"y"}

    published(hub, folder)

    assert {"handler.py", "model/MLmodel", ".gitattributes"} == set(app.files)


def test_a_public_repository_is_refused(
    hub: HuggingFaceModelHub, app: HubApp, folder: Path
) -> None:
    """An existing repository keeps its visibility, and a model must not become public."""
    app.files, app.private = {}, False

    with pytest.raises(HubRefusedError, match="public"):
        published(hub, folder)

    assert {} == app.files


@pytest.mark.parametrize("status", [400, 402, 403])
def test_a_permanent_error_is_a_refusal(
    hub: HuggingFaceModelHub, app: HubApp, folder: Path, status: int
) -> None:
    """With the Hub's message, shortened."""
    app.refusal = _json({"error": "Payment required " * 50}, status)

    with pytest.raises(HubRefusedError, match=f"{status}: Payment required") as raised:
        published(hub, folder)

    assert len(str(raised.value)) < 350


def test_an_invalid_name_is_refused(hub: HuggingFaceModelHub, folder: Path) -> None:
    """Before anything is sent."""
    with pytest.raises(HubRefusedError, match="name"):
        published(hub, folder, "acme/a--b")


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_every_other_error_is_retryable(
    hub: HuggingFaceModelHub, app: HubApp, folder: Path, status: int
) -> None:
    """The caller of the task retries it."""
    app.refusal = _json({"error": "later"}, status)

    with pytest.raises(HfHubHTTPError):
        published(hub, folder)


COMMIT = "c" * 40


class SourcesApp:
    """Other accounts' repositories for reading: gated, private and open ones of `a` and of `b`.

    *granted*: we have access to the gated one.
    """

    granted = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        name, _, revision = request.url.path.removeprefix("/api/models/").partition("/revision/")
        if name.endswith("/gated/auth-check"):
            return _json({}) if self.granted else _error(403, "GatedRepo")
        owner, _, kind = name.partition("/")
        if owner not in {"a", "b"} or kind not in {"gated", "open", "private"}:
            return _error(404, "RepoNotFound")
        if revision not in {"", "main", "v1", COMMIT}:
            return _error(404, "RevisionNotFound")
        gated = "auto" if kind == "gated" else False
        return _json({"id": name, "sha": COMMIT, "private": kind == "private", "gated": gated})


def _error(status: int, code: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": code}, headers={"X-Error-Code": code})


@pytest.fixture
def sources(hub: HuggingFaceModelHub) -> SourcesApp:  # noqa: ARG001 - it sets its own app first
    """The app of other accounts' repositories, in place of *hub*'s."""
    app = SourcesApp()
    set_client_factory(lambda: httpx2.Client(transport=httpx2.MockTransport(app)))
    return app


@pytest.mark.parametrize("revision", [None, "main", "v1", COMMIT])
def test_a_revision_is_resolved_to_a_commit(
    hub: HuggingFaceModelHub, sources: SourcesApp, revision: str | None
) -> None:
    """A branch could move while the endpoint serves it."""
    sources.granted = True

    names = ("a/open", "a/gated", "a/private", "b/open")

    assert [COMMIT] * 4 == [hub.resolve(name, revision) for name in names]


@pytest.mark.parametrize("repository", ["b/private", "b/gated"])
def test_what_only_our_token_may_read_is_not_lent_out(
    hub: HuggingFaceModelHub, sources: SourcesApp, repository: str
) -> None:
    """Whoever may register a model could have any of it answer."""
    sources.granted = True

    with pytest.raises(HubRefusedError, match="HUB_SOURCE_NAMESPACES"):
        hub.resolve(repository, None)


@pytest.mark.parametrize(
    ("repository", "revision", "words"),
    [
        ("a/none", None, "no repository a/none that this service's token may read"),
        ("a/open", "v2", "a/open has no revision v2"),
        ("a/gated", None, "a/gated is gated"),
        ("a/b/c", None, "name"),
    ],
)
@pytest.mark.usefixtures("sources")
def test_a_source_that_cannot_be_read_is_refused(
    hub: HuggingFaceModelHub, repository: str, revision: str | None, words: str
) -> None:
    """Before an endpoint would fail to start with it."""
    with pytest.raises(HubRefusedError, match=words):
        hub.resolve(repository, revision)


def test_an_answer_without_a_commit_is_refused(hub: HuggingFaceModelHub) -> None:
    """There would be nothing to pin."""
    answer = _json({"id": "a/open"})
    set_client_factory(
        lambda: httpx2.Client(transport=httpx2.MockTransport(lambda _request: answer))
    )

    with pytest.raises(HubRefusedError, match="names no commit"):
        hub.resolve("a/open", None)
