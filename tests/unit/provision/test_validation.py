"""Whether a version can be served."""

import pytest

from functions.common.deployments.record import Status
from functions.provision.compatibility import reasons_against
from functions.provision.registry import RegisteredVersion, VersionNotReadyError
from functions.provision.tasks import Outcome
from functions.provision.validation import MAX_EXAMPLE_BYTES, Validation
from tests.builders import a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import A_TENSOR, FakeModelRegistry, a_version

PENDING = a_deployment(status=Status.PENDING)


def validate(
    *versions: RegisteredVersion, store: FakeDeploymentStore | None = None
) -> tuple[Outcome, FakeDeploymentStore]:
    store = store or FakeDeploymentStore(PENDING)
    validation = Validation(store=store, registry=FakeModelRegistry(*versions))
    deployment = store.deployments[PENDING.id]
    return validation.validate(deployment), store


def test_a_good_version_is_being_deployed() -> None:
    """Its schemas and its example are kept for the later steps and for callers."""
    outcome, store = validate(a_version(params=[{"name": "factor"}]))

    assert Outcome(name="valid") == outcome
    kept = store.deployments[PENDING.id]
    assert Status.DEPLOYING is kept.status
    assert (A_TENSOR, A_TENSOR) == (kept.input_schema, kept.output_schema)
    assert [{"name": "factor"}] == kept.params_schema
    assert {"inputs": [[5.1, 3.5, 1.4, 0.2]]} == kept.input_example


def test_validating_twice_is_validating_once() -> None:
    """A retry finds the status that the first try wrote."""
    outcome, store = validate(a_version())
    first = store.deployments[PENDING.id]

    again, _ = validate(a_version(), store=store)

    assert outcome == again
    assert first == store.deployments[PENDING.id].model_copy(
        update={"updated_at": first.updated_at}
    )


def test_a_version_that_mlflow_does_not_know_is_ignored() -> None:
    """As is the one that MLflow's own test of a webhook names."""
    outcome, store = validate()

    assert "ignored" == outcome.name
    assert Status.PENDING is store.deployments[PENDING.id].status


def test_every_reason_is_told_at_once() -> None:
    """One correction is enough."""
    outcome, store = validate(a_version(flavors={"spark": {}}, inputs=None))

    assert "failed" == outcome.name
    assert outcome.reason
    assert "python_function" in outcome.reason
    assert "signature" in outcome.reason
    assert Status.PENDING is store.deployments[PENDING.id].status


def test_a_version_that_is_still_being_written_is_tried_again() -> None:
    """MLflow sends the event before the version is ready."""
    with pytest.raises(VersionNotReadyError):
        validate(a_version(status="PENDING_REGISTRATION"))


@pytest.mark.parametrize(("extra_bytes", "kept"), [(0, True), (1, False)])
def test_a_large_example_is_not_kept(extra_bytes: int, kept: bool) -> None:
    """The record has room for 200 kB of it."""
    frame = len('{"inputs": ""}')
    example = {"inputs": "x" * (MAX_EXAMPLE_BYTES - frame + extra_bytes)}

    _, store = validate(a_version(input_example=example))

    assert (example if kept else None) == store.deployments[PENDING.id].input_example


def test_a_good_version_has_nothing_against_it() -> None:
    """Nor has one without outputs in its signature."""
    assert [] == reasons_against(a_version(outputs=None))
