"""The task `create` on fakes."""

from dataclasses import replace

from functions.common.deployments.record import Deployment
from functions.common.providers.base import (
    EndpointState,
)
from functions.provision.compatibility.budget import Budget
from functions.provision.names import installation_tag, tags
from functions.provision.tasks.creation import EndpointCreation
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.price_list import FakePriceList
from tests.unit.provision.endpoints import (
    HARDWARE,
    INSTALLATION,
    REVISION,
    endpoint_of,
    name_of,
)
from tests.unit.provision.tasks.records import keep

NAME = name_of(a_deployment())
DEPLOYMENT = a_deployment(
    endpoint_name=NAME,
    endpoint_secret="the-secret",
    repository="acme/hokus-iris",
    revision=REVISION,
    runtime="container",
    python="3.12",
    instance_type="intel-spr",
    instance_size="x2",
    min_replicas=1,
    max_replicas=1,
)
TAGS = tags(DEPLOYMENT.id, installation=INSTALLATION)
OURS = endpoint_of(DEPLOYMENT, state=EndpointState.STARTING, url=None, repository="acme/hokus-iris")
ANOTHER = endpoint_of(a_deployment(model_id="another"))


def create(
    control: FakeEndpointControl,
    store: FakeDeploymentStore | None = None,
    *,
    max_endpoints: int = 10,
    max_hourly_usd: float = 10,
    prices: FakePriceList | None = None,
) -> tuple[TaskOutcome, Deployment]:
    """Run the task; return the outcome and the record."""
    store = store or FakeDeploymentStore(DEPLOYMENT)
    budget = Budget(
        control=control,
        tag=installation_tag(INSTALLATION),
        prices=prices or FakePriceList(),
        max_endpoints=max_endpoints,
        max_hourly_usd=max_hourly_usd,
    )
    creation = EndpointCreation(
        control=control,
        place=replace(HARDWARE, instance_size="x16"),
        installation=INSTALLATION,
        budget=budget,
    )
    deployment = store.deployments[DEPLOYMENT.id]
    outcome = creation.create(deployment)
    return outcome, keep(store, deployment, outcome)
