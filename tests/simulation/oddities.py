"""A record that cannot be read, one that is lost, and names that the registry has never had."""

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Status
from functions.provision.names import tags
from functions.provision.reconciliation.orphans import FEW_ORPHANS
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


def lose_memory(world: World) -> None:
    """Have an endpoint of ours whose record is gone; more of them, or an empty table, look like
    lost records, and are left to a person."""
    standing = [name for name in world.provider.endpoints if "stray" in name]
    if len(standing) >= FEW_ORPHANS or not world.store.deployments:
        return
    name = f"hokus-stray-{len(world.provider.meters)}"
    world.provider.add_stray(name, tags("nobody", installation=world.installation))


def mistype(world: World) -> None:
    """Have an operator deploy a model that the registry has never had."""
    world.operate(MISTYPED, "1")
