"""The stand-in's Hub keeps commits and refuses what the real one refuses.

`test_huggingface_uploads` shows that `huggingface_hub` itself works with it.
"""

import base64
import hashlib
import json
from typing import Any

import httpx2
import pytest

from tests.local.stand_in import StandIn

MODEL = "/api/models/alice/iris"
BATCH = "/alice/iris.git/info/lfs/objects/batch"


def added(path: str, content: bytes) -> dict[str, Any]:
    """Return the line of a commit that adds a regular file."""
    value = {"path": path, "content": base64.b64encode(content).decode(), "encoding": "base64"}
    return {"key": "file", "value": value}


def commit(stand_in: StandIn, *operations: dict[str, Any], **header: Any) -> httpx2.Response:
    """Commit *operations* to main."""
    lines = [{"key": "header", "value": {"summary": "s", "description": "", **header}}, *operations]
    body = "\n".join(json.dumps(line) for line in lines)
    return stand_in.http.post(f"{MODEL}/commit/main", content=body)


def test_a_revision_never_changes(stand_in: StandIn) -> None:
    """Each commit still has its own files after the branch has moved on."""
    first = commit(stand_in, added("a.txt", b"one")).json()["commitOid"]
    second = commit(stand_in, added("a.txt", b"two"), added("b/c.txt", b"three")).json()
    third = commit(stand_in, {"key": "deletedFile", "value": {"path": "b/c.txt"}}).json()

    def files(revision: str) -> list[str]:
        info = stand_in.http.get(f"{MODEL}/revision/{revision}").json()
        return [sibling["rfilename"] for sibling in info["siblings"]]

    assert b"one" == stand_in.http.get(f"/alice/iris/resolve/{first}/a.txt").content
    assert b"two" == stand_in.http.get("/alice/iris/resolve/main/a.txt").content
    assert [".gitattributes", "a.txt"] == files(first)
    assert [".gitattributes", "a.txt", "b/c.txt"] == files(second["commitOid"])
    assert [".gitattributes", "a.txt"] == files(third["commitOid"])


def test_a_commit_on_an_outdated_parent_is_412(stand_in: StandIn) -> None:
    """With the current parent it is accepted."""
    head = stand_in.sha()

    first = commit(stand_in, added("a.txt", b"one"), parentCommit=head)
    second = commit(stand_in, added("a.txt", b"two"), parentCommit=head)

    assert [200, 412] == [first.status_code, second.status_code]


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", ".git/config"])
def test_a_path_cannot_leave_the_repository(stand_in: StandIn, path: str) -> None:
    """It would be written outside the repository at check-out."""
    assert 400 == commit(stand_in, added(path, b"x")).status_code


def test_an_existing_repository_is_named_in_the_conflict(stand_in: StandIn) -> None:
    """The client reads the repository's URL from the 409."""
    body = {"name": "iris", "organization": "alice", "visibility": "private"}

    answer = stand_in.http.post("/api/repos/create", json=body)

    assert (409, "http://testserver/alice/iris") == (answer.status_code, answer.json()["url"])


def test_a_foreign_namespace_is_403(stand_in: StandIn) -> None:
    """For creating and for deleting."""
    body = {"name": "iris", "organization": "bob"}

    created = stand_in.http.post("/api/repos/create", json=body)
    deleted = stand_in.http.request("DELETE", "/api/repos/delete", json=body)

    assert [403, 403] == [created.status_code, deleted.status_code]


def test_a_private_repository_does_not_exist_for_others(stand_in: StandIn) -> None:
    """404 for another account, 401 without one, each with the code that the client expects."""
    stand_in.http.post("/_standin/tokens", json={"token": "hf_bob", "name": "bob"})

    other = stand_in.http.get(MODEL, headers={"authorization": "Bearer hf_bob"})
    del stand_in.http.headers["authorization"]
    nobody = stand_in.http.get(MODEL)

    assert (404, "RepoNotFound") == (other.status_code, other.headers["x-error-code"])
    assert (401, "RepoNotFound") == (nobody.status_code, nobody.headers["x-error-code"])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/models/alice/none", "RepoNotFound"),
        (f"{MODEL}/revision/none", "RevisionNotFound"),
        ("/alice/iris/resolve/main/none", "EntryNotFound"),
    ],
)
def test_every_404_has_a_code(stand_in: StandIn, path: str, code: str) -> None:
    """The client chooses its exception by it."""
    answer = stand_in.http.get(path)

    assert (404, code) == (answer.status_code, answer.headers["x-error-code"])


@pytest.mark.parametrize(
    ("path", "size", "sample", "mode"),
    [
        ("a.txt", 5, b"hello", "regular"),
        ("a.dat", 5, b"he\0lo", "lfs"),
        ("a.safetensors", 5, b"hello", "lfs"),
        ("a.txt", 10 * 1024 * 1024 + 1, b"hello", "lfs"),
        ("a.bin", 0, b"", "regular"),
    ],
)
def test_the_server_decides_how_a_file_is_uploaded(
    stand_in: StandIn, path: str, size: int, sample: bytes, mode: str
) -> None:
    """Large and binary files by LFS, empty ones never."""
    file = {"path": path, "size": size, "sample": base64.b64encode(sample).decode()}

    answer = stand_in.http.post(f"{MODEL}/preupload/main", json={"files": [file]}).json()

    assert mode == answer["files"][0]["uploadMode"]


def test_a_large_file_is_uploaded_to_a_signed_url(stand_in: StandIn) -> None:
    """The PUT needs no token but the right content; stored content is not uploaded again."""
    content = b"weights"
    wanted = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
    pointer = {"key": "lfsFile", "value": {"path": "w.bin", "algo": "sha256", **wanted}}
    too_early = commit(stand_in, pointer)
    batch = stand_in.http.post(BATCH, json={"operation": "upload", "objects": [wanted]}).json()
    actions = batch["objects"][0]["actions"]

    wrong = stand_in.http.put(actions["upload"]["href"], content=b"other", headers={})
    right = stand_in.http.put(actions["upload"]["href"], content=content)
    verified = stand_in.http.post(actions["verify"]["href"], json=wanted)
    committed = commit(stand_in, pointer)
    again = stand_in.http.post(BATCH, json={"operation": "upload", "objects": [wanted]}).json()

    statuses = [one.status_code for one in (too_early, wrong, right, verified, committed)]
    assert [400, 400, 200, 200, 200] == statuses
    assert [wanted] == again["objects"]
    assert content == stand_in.http.get("/alice/iris/resolve/main/w.bin").content
