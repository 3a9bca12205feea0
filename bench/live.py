"""`python -m bench.live`: seconds from registering a model to its being live, on the local system.

Four versions of a model are registered one after the other: the first two from functions that have
just been stopped, without and with an earlier endpoint to learn from; the others while the
functions are warm. Ours is what the provider does not take: it is asked for an endpoint at one
time, and ready at another, by its own record. Prints tables and a line of JSON.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import mlflow

from bench.function_processes import FunctionProcesses
from infra.local.demo_model import train_and_log
from infra.local.processes import wait_for
from infra.local.startup import Options, running_system
from infra.local.system import LocalSystem
from infra.local.webhook import wait_until_webhook_works

MODEL = "iris"
STARTS = ("cold", "cold", "warm", "warm")
STARTUP_S = 10
"""Seconds that the stand-in lets an endpoint initialize at least."""
LIVE_WITHIN_S = 900
IDLE_FOR_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One version's way, in seconds from the call that registered it.

    Attributes:
        provider_s: From asking the provider for the endpoint to its being ready.
        ours_s: The rest, MLflow's part included.
        late_s: From the endpoint's being ready to our knowing it.
        steps: When each step was done.
        cpu_s: CPU seconds of each function's process.
        load: Processes that wanted a core, on average over the last minute.
    """

    version: str
    start: str
    total_s: float
    provider_s: float
    ours_s: float
    late_s: float
    steps: Mapping[str, float]
    cpu_s: Mapping[str, float]
    load: float


def main() -> None:
    """Measure, on a system of its own."""
    say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        options = Options(state=Path(folder) / "state", startup_s=STARTUP_S)
        with running_system(options, say) as system:
            wait_until_webhook_works(system)
            measured, processes = _registrations(system)
            _print(measured)
            peak_mib = processes.peak_mib()
    print("\nMost memory of each function's process, MiB:")
    print(", ".join(f"{name} {mib}" for name, mib in peak_mib.items()))
    rows = [asdict(each) for each in measured]
    print(json.dumps({"bench": "live", "registrations": rows, "peak_mib": peak_mib}))


def _registrations(system: LocalSystem) -> tuple[list[Registration], FunctionProcesses]:
    (ministack,) = (each for each in system.running if each.name == "ministack")
    processes, measured = FunctionProcesses(ministack.pid), []
    with httpx.Client(headers={"Authorization": f"Bearer {system.api_key}"}, timeout=35) as api:
        for start in STARTS:
            trained = train_and_log(system.mlflow_url)
            processes.wait_until_idle(IDLE_FOR_S)
            if start == "cold":
                processes.stop()
            measured.append(_registered(system, api, processes, trained.uri, start))
    return measured, processes


def _registered(
    system: LocalSystem, api: httpx.Client, processes: FunctionProcesses, uri: str, start: str
) -> Registration:
    before, began = processes.cpu_s(), time.time()
    version = str(mlflow.register_model(uri, MODEL).version)
    deployment = _live(system, api, version)
    load = os.getloadavg()[0]
    processes.wait_until_idle(IDLE_FOR_S)
    cpu_s = {
        name: round(seconds - before.get(name, 0.0), 2)
        for name, seconds in processes.cpu_s().items()
    }
    steps = {"requested": _unix_s(deployment["requested_at"]) - began}
    steps |= {each["step"]: _unix_s(each["time"]) - began for each in deployment["timeline"]}
    created_s, ready_s = (each - began for each in _provider(system))
    total_s, provider_s = steps["activate"], ready_s - created_s
    return Registration(
        version=version,
        start=start,
        total_s=round(total_s, 2),
        provider_s=round(provider_s, 2),
        ours_s=round(total_s - provider_s, 2),
        late_s=round(steps["check"] - ready_s, 2),
        steps={name: round(at, 2) for name, at in steps.items()},
        cpu_s={name: seconds for name, seconds in cpu_s.items() if seconds},
        load=round(load, 1),
    )


def _live(system: LocalSystem, api: httpx.Client, version: str) -> dict[str, Any]:
    """Wait until the version is live, looking rarely; return its deployment."""
    deployment: dict[str, Any] = {}

    def ended() -> bool:
        nonlocal deployment
        answer = api.get(f"{system.api_url}/models/{MODEL}")
        known = answer.json().get("deployments", []) if answer.is_success else []
        deployment = next((each for each in known if each["model_version"] == version), {})
        return deployment.get("status") in {"deployed", "failed", "stopped"}

    assert wait_for(ended, timeout_s=LIVE_WITHIN_S, every_s=1), system.logs
    assert deployment["status"] == "deployed", deployment
    return deployment


def _provider(system: LocalSystem) -> tuple[float, float]:
    """Return when the newest endpoint was asked for and when it was ready, in Unix seconds."""
    listed = httpx.get(f"{system.huggingface_url}/_standin/endpoints").json()["endpoints"]
    newest = max(listed, key=lambda each: each["created_at_unix_s"])
    return newest["created_at_unix_s"], newest["ready_at_unix_s"]


def _unix_s(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _print(measured: list[Registration]) -> None:
    steps = list(dict.fromkeys(name for each in measured for name in each.steps))
    head = ("total", "provider", "ours", "late", "CPU", "load")
    print(f"{'version':<14}{''.join(f'{each:>10}' for each in head)}   seconds")
    for each in measured:
        figures = [each.total_s, each.provider_s, each.ours_s, each.late_s]
        figures += [sum(each.cpu_s.values()), each.load]
        title = f"{each.version}, {each.start}"
        print(f"{title:<14}{''.join(f'{value:>10.1f}' for value in figures)}")
    print(f"\n{'done after':<14}{''.join(f'{name:>10}' for name in steps)}")
    for each in measured:
        times = "".join(f"{each.steps.get(name, float('nan')):>10.1f}" for name in steps)
        print(f"{f'{each.version}, {each.start}':<14}{times}")
    functions = list(dict.fromkeys(name for each in measured for name in each.cpu_s))
    print("\nCPU seconds of each function")
    for name in functions:
        print(f"{name:<14}{''.join(f'{each.cpu_s.get(name, 0.0):>10.2f}' for each in measured)}")


if __name__ == "__main__":
    main()
