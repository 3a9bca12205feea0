"""A record that cannot be read, and names that the registry has never had."""

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Status
from functions.provision.names import tags
from tests.builders import a_deployment
from tests.simulation.world import INSTALLATION, World

SPOILT, MISTYPED = "spoilt", "mistyped"
SPOILT_ENDPOINT = "hokus-stray-spoilt"
"""Nobody meddles with what is called a stray."""


def spoil(world: World) -> None:
    """Have a record of another model that cannot be read; its endpoint still stands."""
    spoilt = a_deployment(
        model_id=SPOILT,
        status=Status.STOPPED,
        reason="It was replaced.",
        endpoint_name=SPOILT_ENDPOINT,
    )
    world.store.deployments[spoilt.id] = spoilt
    world.store.unreadable.add(spoilt.id)
    world.store.desired_deployments[SPOILT] = DesiredDeployment.of(spoilt)
    world.provider.add_stray(SPOILT_ENDPOINT, tags(spoilt.id, installation=INSTALLATION))


def mistype(world: World) -> None:
    """Have an operator deploy a model that the registry has never had."""
    world.operate(MISTYPED, "1")
