"""Models whose deployments follow MLflow and the operators, and the checks that they do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from mlflow import MlflowClient

from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.doubling_model import BODY, DOUBLED, register_version
from tests.e2e.support.lambda_functions import RECONCILE, LambdaFunctions
from tests.e2e.support.waiting import eventually

NOT_SERVED = {404, 503}


@dataclass(frozen=True)
class Registry:
    """MLflow, and the URI of a sound model that is logged there."""

    mlflow: MlflowClient
    model_uri: str

    def register(self, model: str, *, tags: dict[str, str] | None = None) -> str:
        """Register the next version of *model*; return its number."""
        return register_version(model, self.model_uri, tags)

    def tags(self, model: str, version: str) -> dict[str, str]:
        """Return the version's `hokus.*` tags, without the prefix."""
        tags = self.mlflow.get_model_version(model, version).tags
        ours = {name: value for name, value in tags.items() if name.startswith("hokus.")}
        return {name.removeprefix("hokus."): value for name, value in ours.items()}


@dataclass(frozen=True)
class FollowedModel:
    """Name of a model; tests change its state, and each test finds it serving."""

    name: str
    registry: Registry
    operator: ApiClient

    @classmethod
    def register(cls, registry: Registry, operator: ApiClient) -> Self:
        """Register it; it comes up meanwhile."""
        name = f"followed-{uuid4().hex[:6]}"
        registry.register(name)
        return cls(name, registry, operator)

    def serving(self) -> str:
        """Return its name once it serves; register another version if nothing does."""
        if self.operator.serving_deployment(self.name) is None:
            self.operator.wait_until_serving(self.name, self.registry.register(self.name))
        return self.name


def new_serving_model(
    registry: Registry, client: ApiClient, purpose: str
) -> tuple[str, dict[str, Any]]:
    """Return the name of a new model and the deployment that serves it."""
    name = f"{purpose}-{uuid4().hex[:6]}"
    return name, client.wait_until_serving(name, registry.register(name))


def reconcile(client: ApiClient, model: str, *, dry_run: bool = False) -> list[str]:
    """Reconcile the model; return the changes that were made, or would be.

    Without `Settle`: earlier deployments settle when their endpoints' time is over.
    """
    report = client.reconcile(model, dry_run=dry_run).raise_for_status().json()
    assert (dry_run, 0) == (report["dry_run"], report["failed"]), report
    changes = [change["change"] for change in report["changes"]]
    return [change for change in changes if change != "Settle"]


def reconcile_all_models(system: LocalSystem) -> None:
    """Invoke the reconciler as the schedule does."""
    functions = aws_client("lambda", system.aws_url)
    answer = functions.invoke(FunctionName=LambdaFunctions(system).live(RECONCILE), Payload=b"{}")
    report = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, report
    assert 0 == report["failed"], report


def assert_serves(client: ApiClient, model: str, version: str) -> None:
    """Predict; the answer must be right and come from *version*."""
    answer = client.predict(model, BODY)
    assert 200 == answer.status_code, answer.text
    assert (version, DOUBLED) == (answer.json()["model_version"], answer.json()["predictions"])


def assert_undeployed(client: ApiClient, model: str, deployment: dict[str, Any]) -> None:
    """Wait until predictions are refused, then until the deployment's endpoint is deleted."""
    is_refused = eventually(lambda: client.predict(model, BODY).status_code in NOT_SERVED)
    assert is_refused, client.http.get(f"models/{model}").text
    assert eventually(lambda: not client.endpoints_of(deployment))
    assert client.predict(model, BODY).status_code in NOT_SERVED


def assert_tags(registry: Registry, model: str, expected: Mapping[str, dict[str, str]]) -> None:
    """Wait until the versions' tags are the *expected* ones, by version."""
    updated = eventually(
        lambda: expected == {version: registry.tags(model, version) for version in expected}
    )
    assert updated, {version: registry.tags(model, version) for version in expected}
