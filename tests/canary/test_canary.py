"""The canary against the stand-in: it finds every fact and leaves nothing behind."""

import re
import signal

import httpx
import pytest

from canary.findings import Finding, table
from canary.images import check_image
from functions.common.providers.huggingface.images import IMAGES
from tests.canary.runs import Canary
from tests.local.stand_in import TOKEN

pytestmark = pytest.mark.slow

WAITS = ("--wait-s", "0.1")


@pytest.fixture(scope="module")
def printed(canary: Canary) -> str:
    """What a whole run prints."""
    status, printed = canary.run(*WAITS, "--start-within-min", "5")
    assert status == 0, printed
    assert canary.left() == []
    return printed


def answers(printed: str) -> dict[str, str]:
    """Return the printed table, by fact."""
    rows = re.findall(r"^\| (.*?) \| (.*) \|$", printed, flags=re.MULTILINE)
    return dict(rows[1:])


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        ("create: `model.image`", "as sent"),
        ("create: `model.command`", "as sent"),
        ("GET: `model.command`", "as sent"),
        ("GET: `model.env`", "as sent"),
        ("our `Authorization` reaches the container", "no"),
        ("`X-Hokus-Secret` reaches the container", "unchanged"),
        ("status 503 of a container through the proxy", "503; our body; Retry-After 7; "),
        ("a body of 32 MB", "200"),
        ("an answer after 0.1 s", "200"),
        ("a call while it is paused", "400"),
        ("a call while it sleeps", "503"),
        ("container: create", "as the product asked for"),
        ("container: first prediction", "ms, right"),
        ("container: with another secret", "ProviderDeniedError"),
        ("toolkit: first prediction", "ms, right"),
        ("toolkit: with another secret", "ProviderDeniedError"),
        ("cost of this run", "USD"),
    ],
)
def test_a_run_finds(printed: str, fact: str, answer: str):
    assert answer in answers(printed)[fact]


def test_a_run_checks_every_image_and_says_who_the_container_is(printed: str):
    found = answers(printed)
    assert all("linux/amd64 in it" in found[f"image {_tag(image)}"] for image in IMAGES.values())
    assert found["container: uid"].isdigit()
    assert "'/var/tmp': True" in found["container: writable"]


def test_the_token_is_printed_nowhere(printed: str):
    assert TOKEN not in printed


def test_a_part_that_fails_does_not_keep_the_others_from_running(canary: Canary):
    plan = {"name": "container", "fail_after_s": 0.5}
    canary.server.http.post("/_standin/starts", json=plan).raise_for_status()
    status, printed = canary.run(*WAITS, "--start-within-min", "5")
    assert status == 1
    assert "not enough hardware capacity" in answers(printed)["container"]
    assert "right" in answers(printed)["toolkit: first prediction"]
    assert canary.left() == []


def test_what_is_interrupted_is_deleted_all_the_same(canary: Canary):
    plan = {"name": "probe", "never_healthy": True}
    canary.server.http.post("/_standin/starts", json=plan).raise_for_status()
    process = canary.begin("--start-within-min", "5")
    assert process.stdout is not None
    while "model.command" not in process.stdout.readline():
        assert process.poll() is None
    assert canary.left() != []
    process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=120)
    assert process.returncode != 0, printed
    assert canary.left() == []


def test_an_image_that_is_not_there_is_found_out(registry_url: str):
    gone = "ghcr.io/astral-sh/uv:python3.13-bookworm@sha256:0"
    assert "linux/amd64" in check_image(gone, registry_url).answer
    with httpx.Client() as http:
        assert http.get(f"{registry_url}/v2/x/manifests/y").status_code == 401
    assert "not found" in check_image(gone, f"{registry_url}/elsewhere").answer


def test_without_a_token_it_says_what_to_do(canary: Canary):
    process = canary.begin(token="")
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "Set HF_TOKEN" in printed


def test_a_table_has_one_line_a_fact():
    assert table([Finding("a|b", "one\ntwo")]).splitlines()[2:] == ["| a\\|b | one two |"]


def _tag(image: str) -> str:
    return image.partition("@")[0].partition("/")[2]
