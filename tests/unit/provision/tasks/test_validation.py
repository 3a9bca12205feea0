"""Validation of one version: compatibility, and what is stored for later steps."""

from hashlib import sha256
from typing import Any

import pytest

from functions.common.deployments.record import (
    HUB_RUNTIME,
    PackageRecord,
    Status,
)
from functions.common.signatures.request_schema import request_schema
from functions.provision.compatibility.platform import Incompatibility
from functions.provision.endpoint_hardware import recorded_hardware, with_hardware
from functions.provision.registry.base import FilesRefusedError, VersionNotReadyError
from functions.provision.tasks.runner import TaskOutcome, failed
from functions.provision.tasks.version_record import MAX_EXAMPLE_BYTES
from tests.builders import HARDWARE, NOON, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import A_TENSOR, a_version
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.tasks.validating import (
    PENDING,
    STOPPED,
    Mute,
    knowing,
    tags_of,
    validate,
)


def test_a_compatible_version_is_deploying() -> None:
    """Its schemas and its example are stored for later steps and for callers."""
    store, registry = FakeDeploymentStore(PENDING), knowing(a_version(params=[{"name": "factor"}]))

    assert TaskOutcome(name="valid") == validate(registry, store)

    kept = store.deployments[PENDING.id]
    assert (Status.DEPLOYING, NOON) == (kept.status, kept.registered_at)
    assert (A_TENSOR, A_TENSOR) == (kept.contract.inputs, kept.contract.outputs)
    assert [{"name": "factor"}] == kept.contract.params
    assert {"inputs": [[5.1, 3.5, 1.4, 0.2]]} == kept.contract.input_example


def test_files_that_are_not_read_are_a_reason() -> None:
    """The version says where they are; trying again would find them there again."""
    registry = knowing(a_version())
    registry.error = FilesRefusedError("The version's files are elsewhere.")

    assert failed("The version's files are elsewhere.") == validate(
        registry, FakeDeploymentStore(PENDING)
    )


def test_a_missing_permission_may_be_granted() -> None:
    registry = knowing(a_version())
    registry.error = FilesRefusedError("Access denied.", may_pass=True)

    assert failed("Access denied.", retryable=True) == validate(
        registry, FakeDeploymentStore(PENDING)
    )


def test_a_version_of_the_future_fails() -> None:
    """It would be the newest one for as long. An operator cannot deploy it either."""
    version = a_version(registered_at=NOON.replace(year=2099))

    outcome = validate(knowing(version), FakeDeploymentStore(PENDING))

    assert ("failed", False) == (outcome.name, outcome.retryable)
    assert "2099-" in (outcome.reason or "")


def test_the_request_schema_is_stored() -> None:
    """It is made once, from the signature."""
    store, inputs = FakeDeploymentStore(PENDING), [{"type": "long", "name": "age"}]

    validate(knowing(a_version(inputs=inputs)), store)

    assert request_schema(inputs, None) == store.deployments[PENDING.id].contract.request_schema


def test_a_model_typed_by_hints_checks_its_input_itself() -> None:
    """Only its params are checked by us."""
    store, params = FakeDeploymentStore(PENDING), [{"type": "long", "name": "top", "default": 1}]

    validate(knowing(a_version(params=params, from_type_hint=True)), store)

    expected = request_schema(A_TENSOR, params, from_type_hint=True)
    assert expected == store.deployments[PENDING.id].contract.request_schema


def test_a_hub_source_has_no_request_schema() -> None:
    """Its signature describes MLflow's pipeline, not the repository's own code."""
    reference = {"source_model_name": "owner/model", "source_model_revision": "a" * 40}
    store = FakeDeploymentStore(PENDING)

    outcome = validate(knowing(a_version(flavors={"transformers": reference})), store)

    assert TaskOutcome(name="valid") == outcome
    kept = store.deployments[PENDING.id]
    assert kept.contract.request_schema is None
    expected = PackageRecord(runtime=HUB_RUNTIME, repository="owner/model", revision="a" * 40)
    assert expected == kept.package


def test_a_signature_that_is_too_large_is_left_out() -> None:
    """The timeline says so, and the version is served."""
    digests = (sha256(bytes([at % 256, at // 256])).hexdigest() for at in range(6_000))
    inputs = [{"type": "double", "name": digest} for digest in digests]
    store = FakeDeploymentStore(PENDING)

    outcome = validate(knowing(a_version(inputs=inputs)), store)

    note = "valid, with a signature too large to check calls by"
    assert TaskOutcome(name="valid", note=note) == outcome
    assert store.deployments[PENDING.id].contract.request_schema is None


@pytest.mark.parametrize(("saved_by", "python"), [("3.12.4", "3.12"), (None, "3.11")])
def test_the_runtime_and_its_python_are_on_record(saved_by: str | None, python: str) -> None:
    """The setting's runtime, and the Python that saved the model."""
    store = FakeDeploymentStore(PENDING)

    validate(knowing(a_version(python_version=saved_by)), store)

    expected = PackageRecord(runtime="container", python=python)
    assert expected == store.deployments[PENDING.id].package


def test_the_hardware_is_on_record() -> None:
    """As the checks have chosen it."""
    store = FakeDeploymentStore(PENDING)

    validate(knowing(a_version()), store)

    endpoint = store.deployments[PENDING.id].endpoint
    assert with_hardware(endpoint, HARDWARE) == endpoint
    assert HARDWARE == recorded_hardware(endpoint, HARDWARE)


def test_a_second_validation_keeps_the_hardware() -> None:
    """From the packaging on, there may be an endpoint on it."""
    wanted = {"instance_type": "intel-spr", "instance_size": "x16", "min_replicas": 1}
    chosen = changed(PENDING, **wanted, max_replicas=2)
    for name, size in [(None, HARDWARE.instance_size), ("hokus-iris-0123abcd", "x16")]:
        store = FakeDeploymentStore(changed(chosen, endpoint_name=name))

        validate(knowing(a_version()), store)

        assert size == store.deployments[PENDING.id].endpoint.instance_size


def test_a_second_validation_keeps_the_package() -> None:
    """A new execution serves the same commit, wherever the source's branch is now."""
    reference = {"source_model_name": "owner/model", "source_model_revision": None}
    packaged = changed(PENDING, runtime=HUB_RUNTIME, repository="owner/model", revision="b" * 40)
    store = FakeDeploymentStore(packaged)

    validate(knowing(a_version(flavors={"transformers": reference})), store)

    assert packaged.package == store.deployments[PENDING.id].package


def test_validating_twice_is_validating_once() -> None:
    """A retry finds the status that the first attempt wrote."""
    store, registry = FakeDeploymentStore(PENDING), knowing(a_version())

    first = validate(registry, store)
    kept = store.deployments[PENDING.id]
    again = validate(registry, store)

    assert first == again
    assert kept == changed(store.deployments[PENDING.id], updated_at=kept.updated_at)


def test_the_tags_show_that_the_version_is_deploying() -> None:
    """Tags of an earlier attempt are removed."""
    registry = knowing(a_version(tags={"team": "a", "hokus.reason": "Bad.", "hokus.url": "x"}))

    validate(registry, FakeDeploymentStore(PENDING))

    expected = {"team": "a", "hokus.status": "deploying", "hokus.deployment_id": PENDING.id}
    assert expected == tags_of(registry)


def test_a_registry_that_refuses_tags_does_not_stop_a_deployment() -> None:
    """The tags are for information only."""
    store = FakeDeploymentStore(PENDING)

    assert TaskOutcome(name="valid") == validate(Mute(a_version()), store)


def test_a_version_that_mlflow_does_not_know_is_ignored() -> None:
    """For example the one in MLflow's own test of a webhook."""
    store = FakeDeploymentStore(PENDING)

    outcome = validate(knowing(), store)

    assert TaskOutcome(name="ignored", reason="MLflow does not know this version.") == outcome
    assert PENDING == store.deployments[PENDING.id]


def test_a_version_that_is_not_ready_is_a_retryable_error() -> None:
    """MLflow sends the event before the version is ready."""
    with pytest.raises(VersionNotReadyError):
        validate(knowing(a_version(status="PENDING_REGISTRATION")), FakeDeploymentStore(PENDING))


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ((Incompatibility("No."), Incompatibility("Nor this.")), failed("No. Nor this.")),
        ((Incompatibility("No."), Incompatibility("Full.", retryable=True)), failed("No. Full.")),
        ((Incompatibility("Full.", retryable=True),), failed("Full.", retryable=True)),
    ],
)
def test_all_incompatibilities_are_reported_together(
    reasons: tuple[Incompatibility, ...], expected: TaskOutcome
) -> None:
    """The failure is temporary only if all of them are."""
    registry = knowing(a_version())

    assert expected == validate(registry, FakeDeploymentStore(PENDING), reasons=reasons)
    assert {"hokus.status": "deploying", "hokus.deployment_id": PENDING.id} == tags_of(registry)


def columns(count: int) -> list[dict[str, Any]]:
    """Return columns whose names compress badly, as hashes and codes do."""
    names = (sha256(str(number).encode()).hexdigest() for number in range(count))
    return [{"type": "double", "name": name[:24], "required": True} for name in names]


def test_a_signature_that_no_record_can_hold_is_refused_for_good() -> None:
    """Before an endpoint is looked for, made or paid for."""
    store = FakeDeploymentStore(PENDING, STOPPED)
    registry = knowing(a_version(inputs=columns(40_000)))

    outcome = validate(registry, store, endpoints=(endpoint_of(STOPPED),))

    assert ("failed", False) == (outcome.name, outcome.retryable)
    assert "too many columns" in (outcome.reason or "")
    assert not store.deployments[STOPPED.id].endpoint.handed_to


def test_an_example_makes_room_for_a_large_signature() -> None:
    """The signature is needed, the example is a help."""
    store = FakeDeploymentStore(PENDING)
    example = {"inputs": "".join(each["name"] for each in columns(8_000))}
    version = a_version(inputs=columns(20_000), input_example=example)

    outcome = validate(knowing(version), store)

    contract = store.deployments[PENDING.id].contract
    assert ("valid", None) == (outcome.name, contract.input_example)
    assert version.inputs == contract.inputs


@pytest.mark.parametrize(("extra_bytes", "kept"), [(0, True), (1, False)])
def test_a_large_example_is_not_kept(extra_bytes: int, kept: bool) -> None:
    """The record has room for 200 kB of it."""
    frame = len('{"inputs": ""}')
    example = {"inputs": "x" * (MAX_EXAMPLE_BYTES - frame + extra_bytes)}
    store = FakeDeploymentStore(PENDING)

    validate(knowing(a_version(input_example=example)), store)

    assert (example if kept else None) == store.deployments[PENDING.id].contract.input_example
