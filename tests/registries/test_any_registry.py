"""Whatever a registry holds: the version is valid, or has failed for good with a reason.

Within 5 s and 300 MB, without an exception, a request to another host, or a file outside the task's
folder. `REGISTRIES=10000 pytest tests/registries` tries others in every run and prints its seed,
`REGISTRIES_SEED=n` repeats one.
"""

import logging
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mlflow
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from functions.common.deployments.history_index import size_with_entry
from functions.common.deployments.item_size import MAX_ITEM_BYTES
from functions.common.deployments.items import deployment_item, deployment_of, live_item
from functions.common.deployments.record import Deployment, Status
from functions.common.packages.locking import Locking
from functions.common.packages.model_packages import Lock, ModelPackages
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.huggingface.locks import SERVER, install_files
from functions.common.providers.huggingface.recipe import add_runtime
from functions.common.providers.huggingface.runtimes import CONTAINER
from functions.common.providers.packaging import Package
from functions.common.providers.provider import Runtime
from functions.common.signatures.engine import compile_schema
from functions.provision.ports import ProvisionPorts
from functions.provision.registry.artifact_sources import ArtifactSources
from functions.provision.registry.credentials import Credentials
from functions.provision.registry.mlflow_registry import MlflowModelRegistry
from functions.provision.settings import ProvisionSettings
from functions.provision.tasks.runner import MAX_REASON_CHARACTERS
from functions.provision.tasks.workflow_tasks import WorkflowTasks
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.ledger import FakeLedger
from tests.fakes.provider import InMemoryProvider
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore
from tests.progress import Progress
from tests.registries.generated import Version, versions
from tests.registries.server import NAME, RegistryServer, registry_server
from tests.registries.watching import Watch, peak_bytes, reset_peak

REGISTRIES = int(os.environ.get("REGISTRIES", "100"))
SEED = int(os.environ.get("REGISTRIES_SEED", "REGISTRIES" in os.environ and random.getrandbits(32)))
MAX_CPU_S = 5.0
MAX_MEMORY_BYTES = 300_000_000
PENDING = a_deployment(model_id=NAME, model_version="1", status=Status.PENDING)
STATE = {"model_id": NAME, "deployment_id": PENDING.id}


class NoIndex:
    """Stands for uv: what can be resolved needs no package."""

    def resolve(self, _resolution: Any, *, annotated: bool = False) -> str:
        return "" if annotated else "lock-version = '1.0'"


class OfflineProvider(InMemoryProvider):
    """Hugging Face's own packaging, without its Hub and without a package index."""

    def runtime(self) -> Runtime:
        return Runtime(name=CONTAINER, pythons=tuple(IMAGES))

    locks = 0

    def lock(self, packages: ModelPackages, *, runtime: str, python: str) -> Lock:
        assert runtime == CONTAINER
        self.locks += 1
        uv: Any = NoIndex()
        return Locking(uv=uv).lock(packages, python=python, added=(SERVER,))

    def add_runtime(
        self,
        folder: Path,
        packages: ModelPackages,
        *,
        runtime: str,
        python: str,
        lock: Lock | None = None,
    ) -> Package:
        lock = lock or self.lock(packages, runtime=runtime, python=python)
        files = install_files(lock, packages, runtime=runtime)
        return Package(digest=add_runtime(folder, runtime=runtime, files=files), notes=lock.notes)


@dataclass
class Trial:
    """Reads versions of *server*; `outcomes` and the beginnings of `reasons` are counted."""

    server: RegistryServer
    watch: Watch
    scratch: Path
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    def __post_init__(self) -> None:
        sources = ArtifactSources(tracking_uri=self.server.url)
        registry = MlflowModelRegistry(self.server.url, Credentials(), open_files=sources.open)
        self.registry = registry

    def run(self, version: Version) -> None:
        """Validate and package *version*, and check what became of it."""
        self.server.version = version
        store = FakeDeploymentStore(PENDING)
        started = time.process_time()
        with self.watch.watching():
            outcome = self._tasks(store)
        self.slowest_s = max(self.slowest_s, time.process_time() - started)
        self.outcomes[outcome["outcome"]] += 1
        self._check(outcome, store.deployments[PENDING.id])
        assert self.slowest_s < MAX_CPU_S
        assert {each for each in self.watch.connected if "127.0.0.1" not in each} == set()
        outside = {each for each in self.watch.written if not _is_within(each, self.scratch)}
        assert outside == set()
        assert list(self.scratch.iterdir()) == []

    def _tasks(self, store: FakeDeploymentStore) -> dict[str, Any]:
        provider = OfflineProvider()
        ports = ProvisionPorts(
            tallies=FakeTallyStore,
            serving_state=a_serving_state,
            deployments=store,
            kept_logs=FakeKeptLogs(),
            ledger=FakeLedger(),
            provider=provider,
            registry=lambda: self.registry,
            now=lambda: NOON,
        )
        settings = ProvisionSettings(table_name="t", installation="i", deploy_alias="")
        tasks = WorkflowTasks(ports=ports, settings=settings)
        outcome = tasks.run("validate", STATE)
        if outcome["outcome"] == "valid":
            outcome = tasks.run("package", STATE | {"result": outcome})
        # Both tasks read the same packages of a version.
        assert provider.locks <= 1
        return outcome

    def _check(self, outcome: dict[str, Any], record: Deployment) -> None:
        if outcome["outcome"] == "failed":
            assert 10 < len(outcome["reason"]) <= MAX_REASON_CHARACTERS + 2
            assert "retryable" not in outcome, outcome
            outcome["reason"].encode()
            self.reasons[outcome["reason"][:40]] += 1
        else:
            assert outcome["outcome"] in {"packaged", "superseded"}, outcome
        item = live_item(record)
        assert record == deployment_of(item)
        assert size_with_entry(deployment_item(record)) <= MAX_ITEM_BYTES
        if record.contract.request_schema:
            compile_schema(record.contract.request_schema)


@pytest.fixture
def trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    before = mlflow.get_tracking_uri()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    logging.disable(logging.CRITICAL)
    with registry_server() as server:
        yield Trial(server, Watch(), scratch)
    logging.disable(logging.NOTSET)
    mlflow.set_tracking_uri(before)


def test_any_version_is_valid_or_fails_for_good(
    trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress(REGISTRIES, capsys)

    @seed(SEED)
    @settings(
        max_examples=REGISTRIES,
        deadline=None,
        database=None,
        print_blob=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(version=versions())
    def tried(version: Version) -> None:
        trial.run(version)
        progress.step()

    trial.run(Version(files={"MLmodel": b"flavors: {}"}))
    reset_peak()
    before = peak_bytes()

    tried()

    grown = peak_bytes() - before
    counts = ", ".join(f"{count:,} {name}" for name, count in trial.outcomes.items())
    facts = f"{trial.slowest_s:.2f} s at most, {grown / 1e6:.0f} MB, seed {SEED}"
    progress.write(f"\n{counts}; {facts} ")
    assert grown < MAX_MEMORY_BYTES
    # What is generated reaches the code: many are good, and the others fail in many ways.
    assert min(trial.outcomes["packaged"], trial.outcomes["failed"]) > REGISTRIES // 10
    assert len(trial.reasons) > 10


def _is_within(path: str, folder: Path) -> bool:
    return Path(path).is_relative_to(folder)
