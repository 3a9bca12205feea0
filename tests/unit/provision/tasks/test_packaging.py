"""Packaging: the repository that an endpoint serves."""

import json
from pathlib import Path
from threading import Barrier

import pytest

from functions.common.deployments.record import HUB_RUNTIME, Deployment
from functions.common.packages.carried_lock import carried
from functions.common.packages.model_packages import (
    Lock,
    LockedPackage,
    ModelPackages,
    UnusableRequirementsError,
)
from functions.common.providers.huggingface.recipe import add_runtime, package_digest
from functions.common.providers.huggingface.runtimes import TOOLKIT
from functions.common.providers.packaging import HubRefusedError, Package
from functions.provision.registry.base import RegisteredVersion
from functions.provision.tasks.packaging import AddRuntime, Packaging
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_hub import FakeModelHub
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.unit.provision.endpoints import name_of
from tests.unit.provision.tasks.records import keep

DEPLOYMENT = a_deployment(runtime="toolkit", python="3.11")
RUNTIME = Path(__file__).parents[4] / "functions/common/providers/huggingface/runtime"


SOURCE = "distilbert/sentiment"
COMMIT = "c" * 40


def packed(
    folder: Path, packages: ModelPackages, *, runtime: str, python: str, lock: Lock | None = None
) -> Package:
    """Add the runtime, with the model's own lines in place of a lock that is made here."""
    if lock:
        files = {"requirements.txt": lock.text}
        return Package(digest=add_runtime(folder, runtime=runtime, files=files))
    if "-r" in packages.requirements:
        raise UnusableRequirementsError(f"{packages.requirements} with {python}")
    digest = add_runtime(folder, runtime=runtime, files={"requirements.txt": packages.requirements})
    return Package(
        digest=digest, notes=("slow is built at every start",) * ("slow" in packages.requirements)
    )


def package(
    *versions: RegisteredVersion,
    deployment: Deployment = DEPLOYMENT,
    hub: FakeModelHub | None = None,
    requirements: str | None = "mlflow==3.17.2\n",
    add_runtime: AddRuntime = packed,
    lock: str | None = None,
) -> tuple[TaskOutcome, Deployment, FakeModelHub]:
    """Run the task; return the outcome, the record and the hub."""
    store, hub = FakeDeploymentStore(deployment), hub or FakeModelHub()
    task = Packaging(
        registry=FakeModelRegistry(*(versions or [a_version()]), requirements=requirements),
        hub=hub,
        add_runtime=add_runtime,
        namespace="acme",
        new_secret=lambda: "first-secret",
    )
    outcome = task.package(deployment, lock=lock)
    return outcome, keep(store, deployment, outcome), hub


def test_the_repository_holds_model_handler_and_requirements() -> None:
    """And their digest, and nothing else."""
    outcome, kept, hub = package()

    assert TaskOutcome(name="packaged") == outcome
    assert ("toolkit", "3.11") == (kept.package.runtime, kept.package.python)
    assert f"acme/{kept.endpoint.name}" == kept.package.repository
    files = hub.repositories[kept.package.repository]
    marker = json.loads(files.pop("hokus.json"))
    expected = {"handler.py", "requirements.txt", "model/MLmodel", "model/requirements.txt"}
    expected |= {"hokus/predicting.py"}
    assert expected == set(files)
    assert {"package": kept.package.digest} == marker
    assert (RUNTIME / "handler.py").read_bytes() == files["handler.py"]
    assert (RUNTIME / "predicting.py").read_bytes() == files["hokus/predicting.py"]
    assert b"mlflow==3.17.2\n" == files["requirements.txt"]
    assert b"mlflow==3.17.2\n" == files["model/requirements.txt"]


@pytest.mark.parametrize(
    ("requirements", "published"),
    [
        ("mlflow==3.17.2\n", b"mlflow @ https://files.example/m.whl --hash=sha256:ab\n"),
        ("mlflow==3.18\n", b"mlflow==3.18\n"),
    ],
)
def test_the_lock_of_validate_is_published(requirements: str, published: bytes) -> None:
    """Unless the packages are others now."""
    packages = ModelPackages(requirements="mlflow==3.17.2\n")
    mlflow = LockedPackage(
        name="mlflow", version="3", url="https://files.example/m.whl", sha256="ab", size_bytes=1
    )
    lock = Lock(python="3.11", packages=(mlflow,))

    text = carried(lock, packages, runtime="toolkit", python="3.11")
    _outcome, kept, hub = package(requirements=requirements, lock=text)

    assert published == hub.repositories[kept.package.repository or ""]["requirements.txt"]


def test_packaging_twice_gives_the_same_revision() -> None:
    """The revision depends on the content only."""
    _outcome, first, hub = package()
    _outcome, again, _hub = package(deployment=first, hub=hub)

    assert first.package.revision
    assert first.package == again.package


def test_name_and_secret_of_the_endpoint_are_on_record() -> None:
    """Before the endpoint exists. An existing secret is kept."""
    _outcome, kept, _hub = package()

    assert (name_of(DEPLOYMENT), "first-secret") == (kept.endpoint.name, kept.endpoint.secret)
    _outcome, again, _hub = package(deployment=changed(DEPLOYMENT, endpoint_secret="older"))
    assert "older" == again.endpoint.secret


def test_a_refusal_of_the_hub_fails() -> None:
    """With the hub's message."""
    outcome, kept, _hub = package(hub=FakeModelHub(error=HubRefusedError("No room.")))

    assert TaskOutcome(name="failed", reason="No room.") == outcome
    assert kept.package.revision is None


def test_requirements_that_cannot_be_installed_fail() -> None:
    """Nothing is published but an empty repository, which is cleaned up."""
    outcome, _kept, hub = package(requirements="-r other.txt")

    assert "failed" == outcome.name
    assert outcome.reason
    assert "-r other.txt" in outcome.reason
    assert [{}] == list(hub.repositories.values())


def test_files_are_uploaded_while_packages_are_resolved() -> None:
    """Each waits here until the other has begun."""
    both = Barrier(2, timeout=30)

    class SlowHub(FakeModelHub):
        def upload(self, folder: Path, repository: str, *, at: str) -> None:
            super().upload(folder, repository, at=at)
            both.wait()

    def slowly(
        folder: Path,
        packages: ModelPackages,
        *,
        runtime: str,
        python: str,
        lock: Lock | None = None,
    ) -> Package:
        both.wait()
        return packed(folder, packages, runtime=runtime, python=python, lock=lock)

    outcome, _kept, _hub = package(hub=SlowHub(), add_runtime=slowly)

    assert "packaged" == outcome.name


def test_a_model_without_requirements_fails() -> None:
    """The packages to install are unknown."""
    outcome, _kept, _hub = package(requirements=None)

    assert outcome.reason
    assert "no requirements.txt" in outcome.reason


def test_what_people_should_know_is_in_the_timeline() -> None:
    """Packages that are built at every start make each start slower."""
    outcome, _kept, _hub = package(requirements="slow==1")

    assert "packaged; slow is built at every start" == outcome.note


def test_a_deleted_version_fails() -> None:
    """No files are left to serve."""
    outcome, _kept, hub = package(a_version(version="2"))

    assert "failed" == outcome.name
    assert "does not have this version any more" in (outcome.reason or "")
    assert {} == hub.repositories


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a package without its digest file."""
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "MLmodel").write_text("flavors: {}")
    (tmp_path / "model" / "requirements.txt").write_text("mlflow")
    (tmp_path / "model" / "code" / "größe.py").write_text("pass")
    return tmp_path


def test_the_digest_does_not_cover_its_own_file(folder: Path) -> None:
    """So that the files can be checked and packaged again."""
    digest = add_runtime(folder, runtime=TOOLKIT, files={})

    assert 64 == len(digest)
    assert digest == package_digest(folder)
    assert digest == add_runtime(folder, runtime=TOOLKIT, files={})


@pytest.mark.parametrize("change", ["content", "name", "new", "gone", "deep marker"])
def test_every_other_difference_changes_the_digest(folder: Path, change: str) -> None:
    """Content, name or number of files, and a model's own file with the digest file's name."""
    before = add_runtime(folder, runtime=TOOLKIT, files={})

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


def a_reference(revision: str | None = None) -> Deployment:
    """Return a deployment of a model that was logged without its files."""
    return changed(
        DEPLOYMENT,
        runtime=HUB_RUNTIME,
        repository=SOURCE,
        revision=revision,
        task="text-classification",
    )


@pytest.mark.parametrize("revision", [None, "main", "v1", COMMIT])
def test_a_reference_is_served_from_its_own_repository(revision: str | None) -> None:
    """At the commit that its revision has now. Nothing is copied, and there is no secret."""
    source = FakeModelHub(sources={SOURCE: {"main": COMMIT, "v1": COMMIT}})
    outcome, kept, hub = package(deployment=a_reference(revision), hub=source)

    assert TaskOutcome(name="packaged") == outcome
    assert a_reference(COMMIT).package == kept.package
    assert (name_of(DEPLOYMENT), None) == (kept.endpoint.name, kept.endpoint.secret)
    assert {} == hub.repositories


@pytest.mark.parametrize("sources", [{}, {SOURCE: {"main": COMMIT}}])
def test_a_reference_to_nothing_fails(sources: dict[str, dict[str, str]]) -> None:
    """A repository or a revision that the hub does not give us."""
    hub = FakeModelHub(sources=sources)

    outcome, kept, _hub = package(deployment=a_reference("gone"), hub=hub)

    assert "failed" == outcome.name
    assert SOURCE in (outcome.reason or "")
    assert a_reference("gone").package == kept.package
