"""Shows the main job: registers a model, follows its deployment, calls its API, compares."""

import io
import json
import time
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import httpx
import mlflow

from infra.local.demo_model import TrainedModel, train_and_log
from infra.local.deployment import Say
from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from infra.local.webhook import wait_until_webhook_works

MODEL = "iris classifier"
LIVE_TIMEOUT_S = 600


class DemoError(Exception):
    """The demo could not show what it should; the message says where it stopped."""


@dataclass(frozen=True, slots=True)
class DemoResult:
    """The line that `--json` ends with.

    Attributes:
        seconds_to_live: From the registration's call to the first sight of the live version.
        seconds_of_provider: Of these, from asking for the endpoint to its being ready.
        api_url: Base of the API, ends in `/api/v1`.
    """

    model_id: str
    model_version: str
    seconds_to_live: float
    seconds_of_provider: float
    predictions_equal: bool
    api_url: str

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def run_demo(system: LocalSystem, say: Say) -> DemoResult:
    """Register a model and call its API.

    Raises: DemoError (the model did not go live, or its API refused), StartError (no webhook).
    """
    api = httpx.Client(
        headers={"Authorization": f"Bearer {system.api_key}"}, timeout=httpx.Timeout(35)
    )
    with api:
        say("\nTraining a classifier on scikit-learn's iris data and logging it to MLflow …")
        trained = train_and_log(system.mlflow_url)
        wait_until_webhook_works(system)
        started = time.monotonic()
        version = _register(trained.uri)
        say(f"\nRegistered “{MODEL}” version {version}. Its deployment, step by step:")
        deployment = _watch(api, system, version, say)
        seconds = time.monotonic() - started
        equal = _predict_and_compare(api, system, trained, say)
    return DemoResult(
        model_id=MODEL,
        model_version=version,
        seconds_to_live=round(seconds, 1),
        seconds_of_provider=round(_seconds_of_provider(deployment), 1),
        predictions_equal=equal,
        api_url=system.api_url,
    )


def _register(model_uri: str) -> str:
    """Register the model without the client's own output; return the version."""
    with redirect_stderr(io.StringIO()):
        return str(mlflow.register_model(model_uri, MODEL).version)


def _model_url(system: LocalSystem) -> str:
    return str(httpx.URL(f"{system.api_url}/models/{MODEL}"))


def _watch(api: httpx.Client, system: LocalSystem, version: str, say: Say) -> dict[str, Any]:
    """Print each step as it is done; return the deployment once it is live."""
    printed: set[str] = set()
    deployment: dict[str, Any] = {}

    def ended() -> bool:
        nonlocal deployment
        answer = api.get(_model_url(system))
        known = answer.json().get("deployments", []) if answer.is_success else []
        deployment = next((each for each in known if each["model_version"] == version), {})
        for entry in deployment.get("timeline", []):
            if entry["step"] not in printed:
                printed.add(entry["step"])
                seconds = (
                    _parse(entry["time"]) - _parse(deployment["requested_at"])
                ).total_seconds()
                say(f"  after {seconds:5.1f} s  {entry['step']:<9} {entry['outcome']}")
        return deployment.get("status") in {"deployed", "failed", "stopped"}

    if not wait_for(ended, timeout_s=LIVE_TIMEOUT_S, every_s=0.3):
        raise DemoError(f"Not live after {LIVE_TIMEOUT_S} s. Logs: {system.logs}")
    if deployment["status"] != "deployed":
        raise DemoError(f"The deployment {deployment['status']}: {deployment['reason']}")
    return deployment


def _predict_and_compare(
    api: httpx.Client, system: LocalSystem, trained: TrainedModel, say: Say
) -> bool:
    url = f"{_model_url(system)}/predict"
    body = {"inputs": trained.rows.tolist()}
    say(f"\n$ curl -X POST '{url}' \\")
    say(f"    -H 'Authorization: Bearer {system.api_key[:12]}…' \\")
    say(f"    -H 'Content-Type: application/json' \\\n    -d '{json.dumps(body)}'")
    answer = api.post(url, json=body)
    say(answer.text)
    if not answer.is_success:
        raise DemoError(f"The API answered {answer.status_code}. Logs: {system.logs}")
    served = answer.json()["predictions"]
    equal = bool(served == trained.predictions)
    say(f"\nmodel.predict on the same rows: {trained.predictions}")
    say(f"the API:                        {served}  → {'equal' if equal else 'NOT EQUAL'}")
    return equal


def _seconds_of_provider(deployment: dict[str, Any]) -> float:
    times = {entry["step"]: _parse(entry["time"]) for entry in deployment["timeline"]}
    return (times["check"] - times["create"]).total_seconds()


def _parse(moment: str) -> datetime:
    return datetime.fromisoformat(moment)
