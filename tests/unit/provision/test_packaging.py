"""The repository that an endpoint serves."""

from pathlib import Path

from functions.provision.model_hub import HubRefusedError
from functions.provision.packaging import Packaging
from functions.provision.tasks import Outcome
from tests.builders import a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_hub import FakeModelHub
from tests.fakes.model_registry import FakeModelRegistry, a_version

DEPLOYMENT = a_deployment()
RUNTIME = Path(__file__).parents[3] / "functions/provision/endpoint_runtime/handler.py"


def packaging(
    *, hub: FakeModelHub | None = None, requirements: str | None = "mlflow==3.17.2\n"
) -> tuple[Packaging, FakeDeploymentStore, FakeModelHub]:
    store, hub = FakeDeploymentStore(DEPLOYMENT), hub or FakeModelHub()
    registry = FakeModelRegistry(a_version(), requirements=requirements)
    return Packaging(store=store, registry=registry, hub=hub, namespace="acme"), store, hub


def test_the_repository_holds_model_handler_and_requirements() -> None:
    """And nothing else."""
    package, store, hub = packaging()

    assert Outcome(name="packaged") == package.package(DEPLOYMENT)

    kept = store.deployments[DEPLOYMENT.id]
    assert f"acme/{kept.endpoint_name}" == kept.repository
    files = hub.repositories[kept.repository]
    expected = {"handler.py", "requirements.txt", "model/MLmodel", "model/requirements.txt"}
    assert expected == set(files)
    assert RUNTIME.read_bytes() == files["handler.py"]
    assert b"mlflow-skinny==3.17.2\nnumpy\npandas\n" == files["requirements.txt"]
    assert b"mlflow==3.17.2\n" == files["model/requirements.txt"]


def test_packaging_twice_gives_the_same_revision() -> None:
    """The content decides."""
    package, store, _hub = packaging()

    package.package(DEPLOYMENT)
    first = store.deployments[DEPLOYMENT.id]
    package.package(first)

    again = store.deployments[DEPLOYMENT.id]
    assert first.revision
    assert (first.repository, first.revision) == (again.repository, again.revision)


def test_what_the_hub_refuses_fails() -> None:
    """In the hub's words."""
    package, store, _hub = packaging(hub=FakeModelHub(error=HubRefusedError("No room.")))

    outcome = package.package(DEPLOYMENT)

    assert Outcome(name="failed", reason="No room.") == outcome
    assert store.deployments[DEPLOYMENT.id].revision is None


def test_requirements_that_cannot_be_installed_fail() -> None:
    """Before anything is published."""
    package, _store, hub = packaging(requirements="-r other.txt")

    outcome = package.package(DEPLOYMENT)

    assert "failed" == outcome.name
    assert outcome.reason
    assert "-r other.txt" in outcome.reason
    assert {} == hub.repositories


def test_a_model_without_requirements_fails() -> None:
    """Nobody knows what to install."""
    package, _store, _hub = packaging(requirements=None)

    outcome = package.package(DEPLOYMENT)

    assert outcome.reason
    assert "no requirements.txt" in outcome.reason
