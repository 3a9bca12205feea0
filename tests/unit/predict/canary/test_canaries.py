"""Data of callers, of the provider and of the auth service stays out of logs, metrics and other
callers' answers."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.predict.canary import calls
from tests.unit.predict.canary.calls import CALLERS, MODES, SECRET, TOKEN, Record

ROOT = Path(__file__).parents[4]
CANARY = re.compile(r"CANARY[A-Z-]*")


@dataclass
class Run:
    """The output, as Lambda would log it, and the answers."""

    printed: str
    record: Record

    def of(self, caller: str) -> dict[str, list[str]]:
        """Answers by call."""
        found: dict[str, list[str]] = {}
        for answer in self.record.answers:
            if answer["caller"] == caller:
                found.setdefault(answer["what"], []).append(answer["text"])
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Make the calls in a process of their own, whose whole output is captured."""
    file = tmp_path_factory.mktemp("canary") / "record.json"
    process = subprocess.run(
        [sys.executable, "-m", calls.__name__, str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert 0 == process.returncode, process.stdout
    return Run(process.stdout, Record(**json.loads(file.read_text())))


def codes(texts: list[str]) -> set[str]:
    """The error codes of proxy answers; `ok` for a success."""
    bodies = [json.loads(json.loads(text)["body"]) for text in texts]
    return {body.get("code", "ok") for body in bodies}


def test_the_calls_were_what_they_should_be(run: Run) -> None:
    """The tests below rely on it: each mode had its code, and the canaries were sent."""
    found = {mode: codes(run.of("canary")[f"predict {mode}"]) for mode in MODES}

    assert {"ok"} == found["fine"]
    assert {"model_rejected_input"} == found["rejecting"] | found["hub"]
    errors = {"provider_error", "model_not_ready", "model_warming_up", "rate_limited"}
    errors |= {"provider_timeout", "circuit_open"}
    others = set().union(
        *(found[mode] for mode in MODES if mode not in {"fine", "rejecting", "hub"})
    )
    assert others <= errors
    assert {"provider_error", "model_not_ready", "rate_limited"} <= others
    assert any(calls.BODY in sent and TOKEN in sent for sent in run.record.sent_to_provider)
    assert any(SECRET in sent for sent in run.record.sent_to_provider)
    assert any(calls.REFUSED_KEY in sent for sent in run.record.sent_to_auth_service)


def test_no_canary_is_logged_or_counted(run: Run) -> None:
    """Neither by a line of ours nor by a library's, nor by a metric."""
    assert '"code":"model_rejected_input"' in run.printed
    assert '"code":"key_refused"' in run.printed
    assert '"Latency"' in run.printed
    assert [] == CANARY.findall(run.printed)


def test_no_token_or_secret_is_answered_to_anybody(run: Run) -> None:
    """Also when the provider repeats them."""
    texts = [answer["text"] for answer in run.record.answers]

    assert [] == [text for text in texts if TOKEN in text or SECRET in text or "hk_live" in text]


@pytest.mark.parametrize("caller", CALLERS)
def test_the_providers_messages_reach_only_the_caller(run: Run, caller: str) -> None:
    """A model's message about an input goes to its sender; nothing else of the provider does."""
    quoting = {
        what
        for what, texts in run.of(caller).items()
        if any(calls.OF_PROVIDER in text or calls.OF_AUTH_SERVICE in text for text in texts)
    }

    assert {"predict rejecting", "predict failing", "predict hub"} >= quoting


def test_other_callers_see_nothing(run: Run) -> None:
    """Answers hold nothing that another caller sent before."""
    own = {calls.BODY, calls.FIELD, calls.HEADER, calls.IDEMPOTENCY_KEY}
    texts = [text for texts in run.of("other").values() for text in texts]

    assert texts
    assert [] == [text for text in texts if any(canary in text for canary in own)]
