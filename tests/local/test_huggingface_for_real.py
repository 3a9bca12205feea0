"""The stand-in as a process: `huggingface_hub` uploads to it, and it really serves what it got."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import huggingface_hub.constants
import psutil
import pytest
from huggingface_hub import HfApi

from tests.local.conftest import TOKEN, create_body

# huggingface_hub 2.4 itself uploads large files in a way that its HTTP library deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
ENDPOINTS = "/v2/endpoint/alice"
PATIENCE_S = 60
HANDLER = """
import os
from neighbour import FACTOR

class EndpointHandler:
    def __init__(self, path=""):
        if os.environ.get("BROKEN"):
            raise RuntimeError("no model here")
        if size := os.environ.get("HUNGRY"):
            print("loading")
            self.weights = [b"x" * 1_000_000 for _ in range(int(size))]
            raise RuntimeError("has had enough")

    def __call__(self, data):
        if data["inputs"] == "crash":
            os._exit(9)
        if data["inputs"] == "environment":
            return {**os.environ}
        return {"scaled": [value * FACTOR for value in data["inputs"]], "rest": data}
"""
HUB_HANDLER = """
import os

class EndpointHandler:
    def __init__(self, path=""):
        pass

    def __call__(self, data):
        if not data["inputs"]:
            raise ValueError("nothing to classify")
        return [{"label": os.environ["HF_TASK"], "received": data}]
"""


@dataclass
class Server:
    """A running stand-in."""

    process: subprocess.Popen[str]
    http: httpx.Client
    log: Path

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    def hub(self) -> HfApi:
        return HfApi(endpoint=self.url, token=TOKEN)

    def create(self, name: str, **model: Any) -> None:
        body = create_body(name, repository="alice/doubling", **model)
        assert self.http.post(ENDPOINTS, json=body).is_success

    def settled(self, name: str, *states: str) -> dict[str, Any]:
        """`status` of the endpoint as soon as it is in one of *states*, running or failed."""
        states = states or ("running", "failed")

        def status() -> dict[str, Any] | None:
            found: dict[str, Any] = self.http.get(f"{ENDPOINTS}/{name}").json()["status"]
            return found if found["state"] in states else None

        return soon(status)

    def pids(self) -> list[int]:
        shown = self.http.get("/_standin/endpoints").json()["endpoints"]
        return [pid for endpoint in shown for pid in endpoint["pids"]]


def soon[T](look: Callable[[], T | None]) -> T:
    """What *look* finds, as soon as it finds anything."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        if found := look():
            return found
        time.sleep(0.05)
    raise TimeoutError


def assert_ended(pids: list[int]) -> None:
    """Those processes are gone, or will be in a moment."""
    soon(lambda: not any(psutil.pid_exists(pid) for pid in pids))


def start(folder: Path) -> Server:
    """A stand-in on a free port with its state in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "stand-in.log"
    command = [
        *(sys.executable, "-m", "standins.huggingface", "--port", "0", "--token", TOKEN),
        *("--namespace", "alice", "--startup-seconds", "0.2", "--state", str(folder / "state")),
    ]
    environment = {**os.environ, "TMPDIR": str(folder), "NOT_FOR_MODELS": "x"}
    with log.open("w") as stderr:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout is not None
    url = process.stdout.readline().rpartition(" ")[2].strip()
    headers = {"authorization": f"Bearer {TOKEN}"}
    return Server(process, httpx.Client(base_url=url, headers=headers, timeout=30), log)


def end(server: Server, with_signal: signal.Signals = signal.SIGTERM) -> None:
    """End it and wait."""
    server.process.send_signal(with_signal)
    server.process.communicate(timeout=PATIENCE_S)
    server.http.close()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model repository with a handler, its neighbour, and weights that need LFS."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "handler.py").write_text(HANDLER)
    (folder / "neighbour.py").write_text("FACTOR = 2\n")
    (folder / "requirements.txt").touch()
    (folder / "README.md").write_text("# Doubling\n")
    (folder / "weights").mkdir()
    (folder / "weights/all.bin").write_bytes(bytes(range(256)) * 50_000)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[Server]:
    """A stand-in that holds the repository as `alice/doubling`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
        server = start(tmp_path_factory.mktemp("server"))
        try:
            server.hub().create_repo("alice/doubling", private=True)
            server.hub().upload_folder(repo_id="alice/doubling", folder_path=repository)
            yield server
        finally:
            end(server)


def test_an_upload_arrives_whole(server: Server, repository: Path, tmp_path: Path) -> None:
    """12.8 MB by LFS, the rest in the commit; all of it can be downloaded at the revision."""
    hub = server.hub()
    info = hub.model_info("alice/doubling")

    folder = hub.snapshot_download("alice/doubling", revision=info.sha, local_dir=tmp_path)

    def content(root: Path) -> dict[str, bytes]:
        files = [path for path in root.rglob("*") if path.is_file() and ".cache" not in path.parts]
        return {str(path.relative_to(root)): path.read_bytes() for path in files}

    assert True is info.private
    downloaded = content(Path(folder))
    assert downloaded.pop(".gitattributes")
    assert content(repository) == downloaded


def test_the_same_upload_again_is_no_commit(server: Server, repository: Path) -> None:
    """The revision stays, and nothing is sent."""
    hub, puts = server.hub(), "/_standin/requests?method=PUT"
    before, sent = hub.model_info("alice/doubling").sha, server.http.get(puts).json()["count"]

    hub.create_repo("alice/doubling", private=True, exist_ok=True)
    again = hub.upload_folder(repo_id="alice/doubling", folder_path=repository)

    assert before == again.oid
    assert sent == server.http.get(puts).json()["count"]


def test_an_endpoint_serves_the_repository(server: Server) -> None:
    """It starts, predicts by the toolkit's rules, crashes, and is deleted with its process."""
    server.create("works", env={"A": "b"}, secrets={"S": "very-secret"})
    status = server.settled("works")
    pids = server.pids()

    def predict(body: str, content_type: str = "application/json") -> tuple[int, Any]:
        answer = server.http.post(
            status["url"], content=body, headers={"content-type": content_type}
        )
        return answer.status_code, answer.json()

    assert "running" == status["state"]
    assert "Ok" == server.http.get(f"{status['url']}/health").text
    good = predict('{"inputs": [1, 2.5], "key": "x"}', "application/json; charset=UTF-8")
    assert (200, {"scaled": [2, 5.0], "rest": {"inputs": [1, 2.5], "key": "x"}}) == good
    nothing = (400, {"error": "Body needs to provide a inputs key, received: b'{\"foo\":1}'"})
    assert nothing == predict('{"foo": 1}')
    assert (400, {"error": "'int' object is not iterable"}) == predict('{"inputs": 1}')
    assert 400 == predict('{"inputs": [NaN]}')[0]
    assert 400 == predict('{"inputs": []}', "application/json; charset=utf-8")[0]
    environment = predict('{"inputs": "environment"}')[1]
    assert ("b", "very-secret") == (environment["A"], environment["S"])
    assert not {"NOT_FOR_MODELS", "HF_TOKEN"} & environment.keys()

    assert 502 == predict('{"inputs": "crash"}')[0]
    assert "Exit code: 9" in server.settled("works", "failed")["message"]
    server.http.delete(f"{ENDPOINTS}/works")
    soon(lambda: server.http.get(f"{ENDPOINTS}/works").status_code == 404)
    assert 1 == len(pids)
    assert not psutil.pid_exists(pids[0])


@pytest.mark.parametrize(
    ("name", "requirements", "code", "reason"),
    [
        ("broken", "", 3, "RuntimeError: no model here"),
        ("unbuilt", "./no-such-folder", 1, "no-such-folder"),
    ],
)
def test_what_cannot_start_fails_with_its_reason(
    server: Server, name: str, requirements: str, code: int, reason: str
) -> None:
    """Be it the handler or the installation of its requirements."""
    commit = server.hub().upload_file(
        path_or_fileobj=requirements.encode(),
        path_in_repo="requirements.txt",
        repo_id="alice/doubling",
    )
    server.create(name, env={"BROKEN": "1"}, revision=commit.oid)

    status = server.settled(name)

    assert "failed" == status["state"]
    assert status["message"].startswith(f"Endpoint failed to start. Exit code: {code}. Reason: ")
    assert reason in status["message"]
    assert reason in server.http.get(f"{ENDPOINTS}/{name}/logs").text


def test_a_container_that_needs_too_much_memory_is_killed(server: Server) -> None:
    """As the kernel does it: exit code 137, after whatever the log said before."""
    server.http.post("/_standin/starts", json={"name": "hungry", "memory_mb": 300})
    commit = server.hub().upload_file(
        path_or_fileobj=b"", path_in_repo="requirements.txt", repo_id="alice/doubling"
    )
    server.create("hungry", env={"HUNGRY": "2000"}, revision=commit.oid)

    status = server.settled("hungry")

    assert "failed" == status["state"]
    expected = "Endpoint failed to start. Exit code: 137. Reason: "
    assert status["message"].startswith(expected), status
    assert status["message"].endswith("loading")


def test_somebody_elses_handler_is_served_by_its_own_rules(server: Server) -> None:
    """A public model of another account, for its own task: what is sent arrives as it is."""
    token = {"token": "hf_bob", "name": "bob"}
    server.http.post("/_standin/tokens", json=token).raise_for_status()
    bob = HfApi(endpoint=server.url, token="hf_bob")
    bob.create_repo("bob/moods", private=False)
    handler = HUB_HANDLER.encode()
    bob.upload_file(path_or_fileobj=handler, path_in_repo="handler.py", repo_id="bob/moods")
    sha = server.hub().model_info("bob/moods", revision="main").sha
    model = {"repository": "bob/moods", "revision": sha, "framework": "pytorch"}
    body = create_body("moods", **model, task="text-classification")
    assert server.http.post(ENDPOINTS, json=body).is_success
    status = server.settled("moods")

    answer = server.http.post(status["url"], json={"inputs": "nice", "parameters": {"top_k": 1}})
    refused = server.http.post(status["url"], json={"inputs": ""})

    assert "running" == status["state"], status
    received = {"inputs": "nice", "parameters": {"top_k": 1}}
    assert [{"label": "text-classification", "received": received}] == answer.json()
    assert (400, {"error": "nothing to classify"}) == (refused.status_code, refused.json())
    shown = server.http.get(f"{ENDPOINTS}/moods").json()["model"]
    assert ("pytorch", "text-classification", sha) == (
        shown["framework"],
        shown["task"],
        shown["revision"],
    )


def test_no_process_outlives_the_stand_in(server: Server, repository: Path, tmp_path: Path) -> None:
    """However it ends. Nothing is left outside its folder, and repositories are still there."""
    folder = tmp_path / "other"
    for with_signal in (signal.SIGKILL, signal.SIGTERM):
        other = start(folder)
        if with_signal is signal.SIGKILL:
            other.hub().create_repo("alice/doubling")
            other.hub().upload_folder(
                repo_id="alice/doubling", folder_path=repository, ignore_patterns=["*.bin"]
            )
        other.create("m1")
        assert "running" == other.settled("m1")["state"]
        pids = other.pids()

        end(other, with_signal)

        assert_ended(pids)
        assert ["stand-in.log", "state"] == sorted(path.name for path in folder.iterdir())
    assert server.process.poll() is None


def test_a_connection_is_really_dropped(server: Server) -> None:
    """After the work: the repository is there, the client was never told."""
    fault = {"method": "POST", "path": "^/api/repos/create$", "drop": "after"}
    server.http.post("/_standin/faults", json=fault)

    with pytest.raises(httpx.RemoteProtocolError):
        server.http.post("/api/repos/create", json={"name": "late", "organization": "alice"})

    assert server.hub().repo_exists("alice/late")
    server.hub().delete_repo("alice/late")
    assert not server.hub().repo_exists("alice/late")


def test_the_log_holds_no_secret(server: Server) -> None:
    """Whatever the other tests have sent."""
    server.create("logged", secrets={"S": "very-secret"}, env={"BROKEN": "1"})
    server.settled("logged")

    log = server.log.read_text()

    assert f"POST {ENDPOINTS} 200" in log
    assert not any(secret in log for secret in (TOKEN, "very-secret", "Traceback"))
