"""An operator rolls back, retries and undeploys by API calls.

Given a model that serves and a key with a write scope, when the operator redeploys the version
before, then it takes over the endpoint that still stands. When the operator redrives a failed
deployment, then it is tried again. When the operator undeploys the model, then it stays undeployed.
The tags in MLflow follow, and a key without a write scope changes nothing.
"""

from typing import Any

import pytest

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.api_keys import new_key_with_scopes
from tests.e2e.support.followed_models import (
    Registry,
    assert_serves,
    assert_tags,
    assert_undeployed,
    new_serving_model,
    reconcile,
)
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.waiting import eventually


def test_a_key_without_a_write_scope_changes_nothing(
    system: LocalSystem, client: ApiClient, model: str, live: dict[str, Any]
) -> None:
    """Every operating route answers 403."""
    with ApiClient(system, key=new_key_with_scopes(system, "model:read", "mlflow:read")) as reader:
        answers = [
            reader.redeploy(model, "1"),
            reader.undeploy(model),
            reader.redrive(model, live["id"]),
            reader.reconcile(model),
            reader.reconcile(model, dry_run=True),
        ]

    assert [(403, "forbidden")] * 5 == [(one.status_code, one.json()["code"]) for one in answers]
    assert live == client.serving_deployment(model)


@pytest.mark.concurrent
def test_rolling_back_takes_over_the_earlier_endpoint(
    system: LocalSystem, operator: ApiClient, registry: Registry
) -> None:
    """Nothing is packaged or created, and the versions' tags say which one serves."""
    model, live = new_serving_model(registry, operator, "rolled-back")
    earlier = live["model_version"]
    (endpoint,) = operator.endpoints_of(live)
    later = registry.register(model)
    replacing = operator.wait_until_serving(model, later)

    answer = operator.redeploy(model, earlier)
    back = operator.wait_until_serving(model, earlier, other_than=live["id"])

    assert 202 == answer.status_code, answer.text
    steps = {entry["step"]: entry["outcome"] for entry in back["timeline"]}
    assert "took over the endpoint that still stands" == steps["validate"]
    assert not {"package", "create"} & steps.keys()
    assert [endpoint] == operator.endpoints_of(live)
    assert_serves(operator, model, earlier)
    expected = {
        earlier: deployed_tags(system, model, back),
        later: {
            "status": "stopped",
            "deployment_id": replacing["id"],
            "reason": f"Replaced by version {earlier}.",
        },
    }
    assert_tags(registry, model, expected)
    assert eventually(lambda: not operator.endpoints_of(replacing))
    assert [endpoint] == operator.endpoints_of(live)


@pytest.mark.concurrent
def test_a_failed_deployment_is_redriven(
    system: LocalSystem, operator: ApiClient, provider: ProviderConsole, registry: Registry
) -> None:
    """The provider has no capacity twice: the automatic retry fails too, the redrive succeeds."""
    model, _ = new_serving_model(registry, operator, "redriven")
    provider.plan_start(model, fail_after_s=0.5, times=2)
    version = registry.register(model)
    failed = operator.wait_until_failed(model, version, times=2)
    tags = {"status": "failed", "deployment_id": failed["id"], "reason": failed["reason"]}
    assert_tags(registry, model, {version: tags})

    answer = operator.redrive(model, failed["id"])
    redriven = operator.wait_until_serving(model, version)

    assert "not enough hardware capacity" in failed["reason"]
    assert 202 == answer.status_code, answer.text
    assert answer.json()["deployment_id"] == redriven["id"]
    assert_serves(operator, model, version)
    assert_tags(registry, model, {version: deployed_tags(system, model, redriven)})


def deployed_tags(system: LocalSystem, model: str, deployment: dict[str, Any]) -> dict[str, str]:
    """Return the tags of a version that *deployment* serves."""
    url = f"{system.api_url}/models/{model}/predict"
    return {"status": "deployed", "deployment_id": deployment["id"], "url": url}


@pytest.mark.concurrent
def test_an_undeployed_model_stays_undeployed(operator: ApiClient, registry: Registry) -> None:
    """Reconciling deploys nothing, although the version is still registered; it may remove what
    earlier versions have left."""
    model, live = new_serving_model(registry, operator, "undeployed")
    answer = operator.undeploy(model)

    assert 202 == answer.status_code, answer.text
    assert_undeployed(operator, model, live)
    # What has undeployed it may not have written the tags yet.
    assert {*reconcile(operator, model)} <= {"Remove", "Tell"}
    assert operator.serving_deployment(model) is None
