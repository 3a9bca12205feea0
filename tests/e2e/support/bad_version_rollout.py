"""Register every bad version on top of live models, under traffic, and note the outcomes."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any
from uuid import uuid4

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.background_traffic import BackgroundTraffic
from tests.e2e.support.bad_versions import BAD_VERSIONS, BadVersion
from tests.e2e.support.doubling_model import register_version
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.waiting import eventually

type ModelUris = Mapping[str, str]
"""URIs of the logged bad versions, by name; `good` is the sound model's."""

LIVE_MODELS = 3


@dataclass(frozen=True)
class Outcome:
    """The deployment of a bad version after it has ended."""

    deployment: dict[str, Any]
    endpoint_is_deleted: bool


@dataclass(frozen=True)
class LiveModel:
    """A model whose good version serves.

    Attributes:
        same_files: Start plan for an endpoint that serves this version's files.
    """

    deployment: dict[str, Any]
    same_files: dict[str, Any]


@dataclass
class BadVersionRollout:
    """Bad versions registered as the next versions of live models.

    Attributes:
        live: The live models, by name.
        outcomes: By the bad version's name.
    """

    live: dict[str, LiveModel]
    client: ApiClient
    provider: ProviderConsole
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    traffic: BackgroundTraffic = field(default_factory=BackgroundTraffic)

    def register_all(self, model: str, queue: "SimpleQueue[tuple[BadVersion, str] | None]") -> None:
        """Register versions of *model* from *queue*, one after another, until it yields None."""
        while following := queue.get():
            bad_version, uri = following
            if start := self._start_plan(bad_version, model):
                self.provider.plan_start(model, **start)
            version = register_version(model, uri)
            ended = self.client.wait_until_ended(model, version)
            self.outcomes[bad_version.name] = Outcome(ended, self._is_endpoint_deleted(ended))

    def _start_plan(self, bad_version: BadVersion, model: str) -> dict[str, Any]:
        if bad_version.serves_files_of_live_version:
            return dict(self.live[model].same_files)
        return dict(bad_version.start)

    def _is_endpoint_deleted(self, deployment: dict[str, Any]) -> bool:
        has_failed = deployment["status"] == "failed"
        return has_failed and eventually(lambda: not self.client.endpoints_of(deployment))


def roll_out_bad_versions(
    system: LocalSystem, client: ApiClient, provider: ProviderConsole, uris: ModelUris
) -> BadVersionRollout:
    """Register every bad version under traffic; return when all their deployments have ended."""
    rollout = BadVersionRollout(deploy_live_models(client, uris["good"]), client, provider)
    models = list(rollout.live)
    queue = SimpleQueue[tuple[BadVersion, str] | None]()
    for bad_version in BAD_VERSIONS:
        queue.put((bad_version, uris[bad_version.name]))
    for _ in models:
        queue.put(None)
    with rollout.traffic.running(system, models), ThreadPoolExecutor() as pool:
        for registering in [pool.submit(rollout.register_all, each, queue) for each in models]:
            registering.result()
    return rollout


def deploy_live_models(client: ApiClient, good_uri: str) -> dict[str, LiveModel]:
    """Register new models with the sound version at *good_uri* and wait until they are live."""
    names = [f"good-{number}-{uuid4().hex[:6]}" for number in range(LIVE_MODELS)]
    for name in names:
        register_version(name, good_uri)
    return {name: _live_model(client, name) for name in names}


def _live_model(client: ApiClient, name: str) -> LiveModel:
    deployment = client.wait_until_live(name, "1")
    (endpoint,) = client.endpoints_of(deployment)
    model = client.endpoints()[endpoint]["model"]
    files = {"serve_repository": model["repository"], "serve_revision": model["revision"]}
    return LiveModel(deployment, files)
