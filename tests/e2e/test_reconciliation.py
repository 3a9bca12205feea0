"""The reconciler repairs whatever was missed or broken, and touches nothing of others.

Given a model that serves, when its endpoint is paused or deleted at Hugging Face, when MLflow's
webhook did not arrive, or when the model's tags change or it is deleted in MLflow, then reconciling
brings what serves back to what MLflow and the operators ask for. Endpoints of other installations
stay as they are.
"""

from typing import Any
from uuid import uuid4

import pytest

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.doubling_model import BODY
from tests.e2e.support.followed_models import (
    Registry,
    assert_serves,
    assert_undeployed,
    new_serving_model,
    reconcile,
    reconcile_all_models,
)
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.waiting import eventually

OPT_OUT_TAG = "hokus.deploy"


def test_a_paused_endpoint_is_resumed(
    operator: ApiClient, provider: ProviderConsole, model: str, live: dict[str, Any]
) -> None:
    """The deployment keeps its endpoint, which runs again."""
    (endpoint,) = operator.endpoints_of(live)
    provider.pause(endpoint)

    changes = reconcile(operator, model)

    # The workflow may not have written the tags of the deployment yet.
    assert "Resume" in changes
    assert {"Resume", "Tell"} >= set(changes)
    assert eventually(lambda: operator.predict(model, BODY).is_success)
    assert [endpoint] == operator.endpoints_of(live)
    assert_serves(operator, model, live["model_version"])


def test_a_deleted_endpoint_is_replaced(
    operator: ApiClient, provider: ProviderConsole, model: str, live: dict[str, Any]
) -> None:
    """A dry run reports the new deployment and changes nothing; reconciling makes it."""
    (endpoint,) = operator.endpoints_of(live)
    provider.delete(endpoint)
    assert eventually(lambda: provider.describe(endpoint) is None)
    before = operator.http.get(f"models/{model}").json()

    announced = reconcile(operator, model, dry_run=True)
    after_dry_run = operator.http.get(f"models/{model}").json()
    made = reconcile(operator, model)

    assert before == after_dry_run
    assert "Deploy" in announced
    assert set(announced) <= set(made)
    operator.wait_until_serving(model, live["model_version"], other_than=live["id"])
    assert_serves(operator, model, live["model_version"])


@pytest.mark.alone
def test_a_version_whose_webhook_was_lost_is_deployed(
    operator: ApiClient, registry: Registry, model: str
) -> None:
    """The webhook is disabled while the version is registered."""
    webhook = registry.mlflow.list_webhooks()[0]
    registry.mlflow.update_webhook(webhook.webhook_id, status="DISABLED")
    try:
        version = registry.register(model)
    finally:
        registry.mlflow.update_webhook(webhook.webhook_id, status="ACTIVE")
    unknown = operator.deployment(model, version)

    changes = reconcile(operator, model)

    assert unknown is None
    assert "Deploy" in changes
    operator.wait_until_serving(model, version)
    assert_serves(operator, model, version)


@pytest.mark.alone
def test_endpoints_of_others_are_left_alone(
    system: LocalSystem, operator: ApiClient, provider: ProviderConsole, live: dict[str, Any]
) -> None:
    """Reconciling all models keeps another installation's endpoint, and one without tags."""
    (own_endpoint,) = operator.endpoints_of(live)
    others = {
        f"hokus-other-{uuid4().hex[:8]}": ["hokus", "hokus-installation-other"],
        f"somebodys-{uuid4().hex[:8]}": [],
    }
    for name, tags in others.items():
        provider.create(name, like=own_endpoint, tags=tags)

    reconcile_all_models(system)

    assert others.keys() <= operator.endpoints().keys()
    for name in others:
        provider.delete(name)


@pytest.mark.concurrent
def test_opting_out_undeploys_and_opting_in_deploys_again(
    client: ApiClient, registry: Registry
) -> None:
    """Setting and deleting the version's tag in MLflow is enough."""
    model, live = new_serving_model(registry, client, "opted")
    registry.mlflow.set_model_version_tag(model, "1", OPT_OUT_TAG, "false")
    assert_undeployed(client, model, live)
    registry.mlflow.delete_model_version_tag(model, "1", OPT_OUT_TAG)

    client.wait_until_serving(model, "1", other_than=live["id"])
    assert_serves(client, model, "1")


@pytest.mark.concurrent
def test_a_model_that_was_deleted_in_mlflow_is_undeployed(
    operator: ApiClient, registry: Registry
) -> None:
    """MLflow sends no event for it; reconciling notices."""
    model, live = new_serving_model(registry, operator, "deleted")
    registry.mlflow.delete_registered_model(model)

    # The end of the model's own workflow reconciles it, too, and may be first.
    reconcile(operator, model)

    assert_undeployed(operator, model, live)
    ended = operator.wait_until_ended(model, "1")
    assert ("stopped", "Deleted in MLflow.") == (ended["status"], ended["reason"])
