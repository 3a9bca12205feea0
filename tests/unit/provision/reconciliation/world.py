"""The reconciler with an in-memory store, registry, provider and workflow."""

from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from functions.common.deployments.record import Deployment, Status
from functions.common.ledger.budget_use import BudgetAction
from functions.common.providers.base import Endpoint
from functions.provision.bootstrap import bootstrap_reconciler, bootstrap_take_down
from functions.provision.ports import ProvisionPorts
from functions.provision.reconciliation.reconciler import Reconciler
from functions.provision.reconciliation.take_down import TakeDown
from functions.provision.registry.base import RegisteredVersion
from functions.provision.settings import ReconcileSettings
from functions.provision.webhook.base import WEBHOOK_PATH
from functions.provision.webhook.keeper import WebhookKeeper
from tests.builders import NOON, a_deployment
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.event_publisher import FakeEventPublisher
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.provider import InMemoryProvider
from tests.fakes.registry_webhooks import FakeRegistryWebhooks
from tests.fakes.secrets import FakeSecrets
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore
from tests.fakes.workflow import FakeWorkflow
from tests.unit.provision.endpoints import INSTALLATION, control_with, endpoint_of, with_endpoint

API = "https://api.test/api/v1"
NOW = NOON + timedelta(days=1)


class WatchedControl(FakeEndpointControl):
    """An endpoint control that calls *meanwhile* once, after everything has been read: in the
    overview, or, as *at_look* 2, of the models that need a change."""

    meanwhile: Callable[[], Any] | None = None
    at_look = 1

    def tagged(self, tag: str) -> list[Endpoint]:
        seen = super().tagged(tag)
        if self.meanwhile and self.at_look > 1:
            self.at_look -= 1
        elif self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        return seen


class World:
    """The records, the registry and the provider's endpoints."""

    def __init__(self, *deployments: Deployment, versions: tuple[RegisteredVersion, ...] = ()):
        self.now: datetime = NOW
        self.store = FakeDeploymentStore(*deployments, now=lambda: self.now)
        self.registry = FakeModelRegistry(*versions)
        self.workflow = FakeWorkflow()
        self.control = WatchedControl()
        self.webhooks = FakeRegistryWebhooks()
        self.ledger = FakeLedger()
        self.events = FakeEventPublisher()
        self.monthly_budget_usd, self.budget_action = 0.0, BudgetAction.SLEEP
        self.circuit_states = FakeCircuitStateStore()
        self.secrets = FakeSecrets({"webhook": "s"})
        for each in deployments:
            self.have(endpoint_of(each))

    def have(self, endpoint: Endpoint) -> None:
        """Add this endpoint and its repository."""
        made = control_with(endpoint)
        self.control.endpoints |= made.endpoints
        self.control.repositories |= made.repositories

    def reconciler(self, *, alias: str | None = None) -> Reconciler:
        """Return the reconciler as `bootstrap_reconciler` puts it together."""
        return bootstrap_reconciler(
            self._ports(), self.workflow, self.circuit_states, self.events, self._settings(alias)
        )

    def take_down(self) -> TakeDown:
        """Return what takes the installation down, as `bootstrap_take_down` puts it together."""
        keeper = self.webhook_keeper()
        return bootstrap_take_down(
            self._ports(),
            self.workflow,
            self.circuit_states,
            self.events,
            self._settings(None),
            webhook=keeper,
        )

    def _ports(self) -> ProvisionPorts:
        return ProvisionPorts(
            tallies=FakeTallyStore,
            serving_state=a_serving_state,
            deployments=self.store,
            kept_logs=FakeKeptLogs(),
            ledger=self.ledger,
            provider=InMemoryProvider(control=self.control),
            registry=lambda: self.registry,
            now=lambda: self.now,
        )

    def _settings(self, alias: str | None) -> ReconcileSettings:
        return ReconcileSettings(
            table_name="t",
            state_table_name="s",
            installation=INSTALLATION,
            deploy_alias=alias or "",
            api_url=API,
            state_machine_arn="provision",
            event_bus="events",
            retire_after_s=40,
            monthly_budget_usd=self.monthly_budget_usd,
            budget_action=self.budget_action,
        )

    def webhook_keeper(self) -> WebhookKeeper:
        """Return the keeper of the webhook."""
        return WebhookKeeper(
            managed=True,
            webhooks=lambda: self.webhooks,
            secret=lambda: self.secrets.version("webhook"),
            installation=INSTALLATION,
            url=f"{API}{WEBHOOK_PATH}",
            now=lambda: self.now,
        )

    def run(self, *, alias: str | None = None, **options: Any) -> dict[str, Any]:
        """Reconcile once; return the report."""
        return self.reconciler(alias=alias).run(**options).as_json()

    def changes(self, **options: Any) -> list[tuple[str, str]]:
        """Reconcile once; return (model id, change) of every change."""
        return [(each["model_id"], each["change"]) for each in self.run(**options)["changes"]]

    def record(self, deployment: Deployment) -> Deployment:
        return self.store.deployments[deployment.id]

    def tags(self, model: str = "iris", version: str = "1") -> dict[str, str]:
        found = self.registry.version(model, version)
        assert found
        return dict(found.tags)

    def snapshot(self) -> Any:
        """Return everything that is stored, for comparison."""
        return deepcopy(
            (
                self.store.deployments,
                self.store.live_ids,
                self.store.desired_deployments,
                self.registry.models(),
                self.control.endpoints,
                self.control.repositories,
                self.workflow.runs,
                self.workflow.retiring,
            )
        )


def served(model: str = "iris", version: str = "1", **changes: Any) -> Deployment:
    """Return the live deployment of a version that was registered at noon."""
    return with_endpoint(
        a_deployment(
            **{
                "model_id": model,
                "model_version": version,
                "status": Status.DEPLOYED,
                "registered_at": NOON,
                "announced": Status.DEPLOYED,
                **changes,
            }
        )
    )


def version_of(deployment: Deployment, **changes: Any) -> RegisteredVersion:
    """Return the registered version of a live deployment, with up-to-date tags."""
    tags = {
        "hokus.status": "deployed",
        "hokus.url": f"{API}/models/{deployment.model_id}/predict",
        "hokus.deployment_id": deployment.id,
    }
    return a_version(
        **{
            "name": deployment.model_id,
            "version": deployment.model_version,
            "tags": tags,
            **changes,
        }
    )


def serving_world(*names: str) -> World:
    """Return a world in which these models serve and need no change."""
    deployments = [served(name) for name in names]
    return World(*deployments, versions=tuple(version_of(each) for each in deployments))
