"""The fake hub and Hugging Face's behave the same."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub import set_client_factory

from functions.common.providers.huggingface.publishing import TIMEOUT, HuggingFaceModelHub
from functions.common.providers.packaging import HubRefusedError, ModelHub
from tests.fakes.model_hub import FakeModelHub

OURS, THEIRS = "acme/hokus-iris-0123abcd", "distilbert/sentiment"
COMMITS = {"main": "c" * 40, "v1": "d" * 40}


class HubApp:
    """The parts of the Hub that the adapter uses: repositories with commits on branches."""

    def __init__(self, sources: Mapping[str, Mapping[str, str]]) -> None:
        self.revisions = {name: dict(commits) for name, commits in sources.items()}
        self.files: dict[str, dict[str, bytes]] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/api/repos/create":
            return self._create(json.loads(request.content))
        name = "/".join(path.removeprefix("/api/models/").split("/")[:2])
        route, _, revision = path.removeprefix(f"/api/models/{name}").strip("/").partition("/")
        if name not in self.revisions:
            return _missing("RepoNotFound")
        match route:
            case "" | "revision":
                return self._info(name, revision or "main")
            case "tree":
                entries = [_entry(*file) for file in self.files[name].items()]
                return httpx2.Response(200, json=entries)
            case "preupload":
                return self._preupload(name, json.loads(request.content)["files"])
        assert "commit" == route
        return self._commit(name, request.content)

    def _create(self, document: dict[str, str]) -> httpx2.Response:
        name = f"{document['organization']}/{document['name']}"
        status = 409 if name in self.revisions else 200
        self.revisions.setdefault(name, {"main": "0" * 40})
        self.files.setdefault(name, {})
        url = f"https://hub.test/{name}"
        return httpx2.Response(status, json={"url": url, "error": "exists"})

    def _info(self, name: str, revision: str) -> httpx2.Response:
        commits = self.revisions[name]
        sha = commits.get(revision, revision)
        if sha not in commits.values():
            return _missing("RevisionNotFound")
        document = {"id": name, "sha": sha, "private": name in self.files, "gated": False}
        return httpx2.Response(200, json=document)

    def _preupload(self, name: str, files: list[dict[str, Any]]) -> httpx2.Response:
        known = {path: _entry(path, content) for path, content in self.files[name].items()}
        answers = [
            {
                "path": each["path"],
                "uploadMode": "regular",
                "shouldIgnore": False,
                "oid": known.get(each["path"], {}).get("oid"),
            }
            for each in files
        ]
        return httpx2.Response(200, json={"files": answers})

    def _commit(self, name: str, lines: bytes) -> httpx2.Response:
        files = self.files[name]
        for line in map(json.loads, lines.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        sha = hashlib.sha1(repr(sorted(files.items())).encode(), usedforsecurity=False).hexdigest()
        self.revisions[name]["main"] = sha
        url = f"https://hub.test/{name}/commit/{sha}"
        return httpx2.Response(200, json={"success": True, "commitOid": sha, "commitUrl": url})


def _missing(code: str) -> httpx2.Response:
    return httpx2.Response(404, json={"error": code}, headers={"X-Error-Code": code})


def _entry(path: str, content: bytes) -> dict[str, Any]:
    blob = b"blob %d\0%b" % (len(content), content)
    oid = hashlib.sha1(blob, usedforsecurity=False).hexdigest()
    return {"type": "file", "path": path, "size": len(content), "oid": oid}


@pytest.fixture(params=["fake", "huggingface"])
def hub(request: pytest.FixtureRequest) -> Iterator[ModelHub]:
    """A hub with the repository THEIRS of another account; OURS does not exist yet."""
    if request.param == "fake":
        yield FakeModelHub(sources={THEIRS: COMMITS})
        return
    made = HuggingFaceModelHub("https://hub.test", token=lambda: "hf_test", lent_by=["acme"])
    app = HubApp({THEIRS: COMMITS})
    set_client_factory(lambda: httpx2.Client(transport=httpx2.MockTransport(app)))
    yield made
    set_client_factory(lambda: httpx2.Client(timeout=TIMEOUT))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}")
    (tmp_path / "handler.py").write_text("pass")
    return tmp_path


def published(hub: ModelHub, folder: Path) -> str:
    """Return the revision of *folder* in OURS."""
    hub.upload(folder / "model", OURS, at="model")
    return hub.publish(folder, OURS)


def test_a_published_revision_can_be_resolved(hub: ModelHub, folder: Path) -> None:
    """As the head of the main branch, and by its own id."""
    revision = published(hub, folder)

    assert 3 * [revision] == [hub.resolve(OURS, each) for each in (None, "main", revision)]


def test_the_same_content_is_the_same_revision(hub: ModelHub, folder: Path) -> None:
    """Other content is another revision."""
    first = published(hub, folder)
    again = published(hub, folder)
    (folder / "handler.py").write_text("pass  # changed")

    assert first == again
    assert first != published(hub, folder)


@pytest.mark.parametrize(
    ("revision", "commit"),
    [(None, "main"), ("main", "main"), ("v1", "v1"), (COMMITS["v1"], "v1")],
)
def test_a_revision_of_others_is_a_commit(hub: ModelHub, revision: str | None, commit: str) -> None:
    """A branch, a tag or a commit of another repository resolves to a commit."""
    assert COMMITS[commit] == hub.resolve(THEIRS, revision)


@pytest.mark.parametrize(
    ("repository", "revision"), [("distilbert/none", None), (THEIRS, "v2"), (THEIRS, "e" * 40)]
)
def test_an_unknown_repository_or_revision_is_refused(
    hub: ModelHub, repository: str, revision: str | None
) -> None:
    """The message names the repository."""
    with pytest.raises(HubRefusedError, match=repository):
        hub.resolve(repository, revision)
