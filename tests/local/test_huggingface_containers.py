"""Endpoints of the stand-in run a repository's handler in a process, by the toolkit's rules."""

from typing import Any

import psutil
import pytest
from huggingface_hub import HfApi

from standins.huggingface.environments import TOOLKIT_PYTHON
from standins.huggingface.interpreters import find_interpreter
from tests.local.stand_in import create_body
from tests.local.stand_in_process import (
    ENDPOINTS,
    StandInProcess,
    wait_for,
)

# huggingface_hub 2.4 itself uploads large files in a way that its HTTP library deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.skipif(not find_interpreter(TOOLKIT_PYTHON), reason=f"no CPython {TOOLKIT_PYTHON}"),
]

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


def test_an_endpoint_serves_the_repository(server: StandInProcess) -> None:
    """It starts, predicts, crashes, and is deleted with its process."""
    before = server.pids()
    server.create("works", env={"A": "b"}, secrets={"S": "very-secret"})
    status = server.wait_until_settled("works")
    (pid,) = server.pids() - before

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
    browser = {"accept": "text/html, application/json;q=0.9"}
    assert 400 == server.http.post(status["url"], json={"inputs": []}, headers=browser).status_code
    metrics = server.http.get(f"{status['url']}/metrics").text
    assert "inf_batch_current_size 0\ninf_queue_size 0\n" == metrics
    environment = predict('{"inputs": "environment"}')[1]
    assert ("b", "very-secret") == (environment["A"], environment["S"])
    assert not {"NOT_FOR_MODELS", "HF_TOKEN"} & environment.keys()

    assert 502 == predict('{"inputs": "crash"}')[0]
    assert "Exit code: 9" in server.wait_until_settled("works", "failed")["message"]
    server.http.delete(f"{ENDPOINTS}/works")
    wait_for(lambda: server.http.get(f"{ENDPOINTS}/works").status_code == 404)
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(
    ("name", "requirements", "code", "reason"),
    [
        ("broken", "", 3, "RuntimeError: no model here"),
        ("unbuilt", "./no-such-folder", 1, "no-such-folder"),
        ("moved", "starlette>=1", 1, "unexpected keyword argument 'on_startup'"),
    ],
)
def test_a_failed_start_has_its_reason(
    server: StandInProcess, name: str, requirements: str, code: int, reason: str
) -> None:
    """The handler raises, the requirements cannot be installed, or they move the starlette that the
    toolkit's server runs on."""
    commit = server.hub().upload_file(
        path_or_fileobj=requirements.encode(),
        path_in_repo="requirements.txt",
        repo_id="alice/doubling",
    )
    broken = {"BROKEN": "1"} if name == "broken" else {}
    server.create(name, env=broken, revision=commit.oid)

    status = server.wait_until_settled(name)

    assert "failed" == status["state"]
    assert status["message"].startswith(f"Endpoint failed to start. Exit code: {code}. Reason: ")
    assert reason in status["message"]


def test_a_container_that_needs_too_much_memory_is_killed(server: StandInProcess) -> None:
    """With exit code 137 as from the kernel, and the last lines of its log."""
    server.http.post("/_standin/starts", json={"name": "hungry", "memory_mb": 300})
    commit = server.hub().upload_file(
        path_or_fileobj=b"", path_in_repo="requirements.txt", repo_id="alice/doubling"
    )
    server.create("hungry", env={"HUNGRY": "2000"}, revision=commit.oid)

    status = server.wait_until_settled("hungry")

    assert "failed" == status["state"]
    expected = "Endpoint failed to start. Exit code: 137. Reason: "
    assert status["message"].startswith(expected), status
    assert status["message"].endswith("loading")


def test_a_public_repository_of_another_account_is_served(server: StandInProcess) -> None:
    """Its handler gets the body unchanged, and the task in its environment."""
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
    status = server.wait_until_settled("moods")

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
