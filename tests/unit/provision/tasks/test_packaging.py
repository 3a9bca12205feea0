"""The repository that an endpoint serves."""

import json
from pathlib import Path

import pytest

from functions.common.deployments.record import ModelSource
from functions.common.providers.huggingface.recipe import add_runtime, package_digest
from functions.common.providers.packaging import HubRefusedError
from functions.provision.registry.base import RegisteredVersion
from functions.provision.tasks.packaging import Packaging
from functions.provision.tasks.runner import Outcome
from tests.builders import a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_hub import FakeModelHub
from tests.fakes.model_registry import FakeModelRegistry, a_version

DEPLOYMENT = a_deployment()
RUNTIME = Path(__file__).parents[4] / "functions/common/providers/huggingface/runtime/handler.py"


SOURCE = "distilbert/sentiment"
COMMIT = "c" * 40


def packaging(
    *versions: RegisteredVersion,
    hub: FakeModelHub | None = None,
    requirements: str | None = "mlflow==3.17.2\n",
) -> tuple[Packaging, FakeDeploymentStore, FakeModelHub]:
    store, hub = FakeDeploymentStore(DEPLOYMENT), hub or FakeModelHub()
    registry = FakeModelRegistry(*(versions or [a_version()]), requirements=requirements)
    package = Packaging(
        store=store, registry=registry, hub=hub, add_runtime=add_runtime, namespace="acme"
    )
    return package, store, hub


def test_the_repository_holds_model_handler_and_requirements() -> None:
    """And the digest of these, and nothing else."""
    package, store, hub = packaging()

    assert Outcome(name="packaged") == package.package(DEPLOYMENT)

    kept = store.deployments[DEPLOYMENT.id]
    assert f"acme/{kept.endpoint.name}" == kept.package.repository
    files = hub.repositories[kept.package.repository]
    marker = json.loads(files.pop("hokus.json"))
    expected = {"handler.py", "requirements.txt", "model/MLmodel", "model/requirements.txt"}
    assert expected == set(files)
    assert {"package": kept.package.digest} == marker
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
    assert first.package.revision
    assert (first.package.repository, first.package.revision) == (
        again.package.repository,
        again.package.revision,
    )


def test_what_the_hub_refuses_fails() -> None:
    """In the hub's words."""
    package, store, _hub = packaging(hub=FakeModelHub(error=HubRefusedError("No room.")))

    outcome = package.package(DEPLOYMENT)

    assert Outcome(name="failed", reason="No room.") == outcome
    assert store.deployments[DEPLOYMENT.id].package.revision is None


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


def test_a_version_that_is_gone_fails() -> None:
    """Nothing is left to serve."""
    package, _store, hub = packaging(a_version(version="2"))

    outcome = package.package(DEPLOYMENT)

    assert "failed" == outcome.name
    assert "does not have this version any more" in (outcome.reason or "")
    assert {} == hub.repositories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A package without its marker."""
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}")
    (tmp_path / "model" / "requirements.txt").write_text("mlflow")
    (tmp_path / "model" / "code" / "größe.py").write_text("pass")
    return tmp_path


def test_the_digest_stays_the_same_beside_its_own_marker(folder: Path) -> None:
    """Whoever has the files can check it, however often they were packaged."""
    digest = add_runtime(folder)

    assert 64 == len(digest)
    assert digest == package_digest(folder)
    assert digest == add_runtime(folder)


@pytest.mark.parametrize("change", ["content", "name", "new", "gone", "deep marker"])
def test_every_other_difference_changes_the_digest(folder: Path, change: str) -> None:
    """Content, name, or number of files; a model's own file of the marker's name counts."""
    before = add_runtime(folder)

    code = folder / "model" / "code" / "größe.py"
    match change:
        case "content":
            code.write_text("pass ")
        case "name":
            code.rename(code.with_name("grösse.py"))
        case "new":
            (folder / "model" / "empty").touch()
        case "gone":
            code.unlink()
        case "deep marker":
            (folder / "model" / "hokus.json").touch()

    assert before != package_digest(folder)


def a_reference(revision: str | None = None) -> RegisteredVersion:
    """Logged by transformers without its weights."""
    flavor = {
        "source_model_name": SOURCE,
        "source_model_revision": revision,
        "task": "text-classification",
    }
    return a_version(flavors={"python_function": {}, "transformers": flavor})


@pytest.mark.parametrize("revision", [None, "main", "v1", COMMIT])
def test_a_reference_is_served_from_its_own_repository(revision: str | None) -> None:
    """At the commit that its revision is now, without copying anything."""
    source = FakeModelHub(sources={SOURCE: {"main": COMMIT, "v1": COMMIT}})
    package, store, hub = packaging(a_reference(revision), hub=source)

    assert Outcome(name="packaged") == package.package(DEPLOYMENT)

    kept = store.deployments[DEPLOYMENT.id]
    assert (SOURCE, COMMIT) == (kept.package.repository, kept.package.revision)
    assert (ModelSource.HUB, "text-classification") == (kept.package.runtime, kept.package.task)
    assert kept.package.digest is None
    assert kept.endpoint.name
    assert {} == hub.repositories


@pytest.mark.parametrize("sources", [{}, {SOURCE: {"main": COMMIT}}])
def test_a_reference_to_nothing_fails(sources: dict[str, dict[str, str]]) -> None:
    """A repository or a revision that the hub does not have for us."""
    package, store, _hub = packaging(a_reference("gone"), hub=FakeModelHub(sources=sources))

    outcome = package.package(DEPLOYMENT)

    assert "failed" == outcome.name
    assert SOURCE in (outcome.reason or "")
    assert store.deployments[DEPLOYMENT.id].package.revision is None
