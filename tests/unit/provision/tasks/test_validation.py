"""Validation: the version is requested and can be served."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import (
    Deployment,
    ModelSource,
    PackageRecord,
    RequestedBy,
    Status,
)
from functions.common.providers.base import Endpoint
from functions.common.signatures.request_schema import request_schema
from functions.provision.compatibility.platform import Incompatibility
from functions.provision.registry.base import RegisteredVersion, VersionNotReadyError
from functions.provision.tasks.endpoint_reuse import EndpointReuse
from functions.provision.tasks.runner import TaskOutcome, failed, superseded
from functions.provision.tasks.validation import MAX_EXAMPLE_BYTES, Validation
from tests.builders import NOON, a_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.model_registry import A_TENSOR, FakeModelRegistry, a_version
from tests.unit.provision.endpoints import HARDWARE, endpoint_of, with_endpoint
from tests.unit.provision.tasks.records import keep

PENDING = a_deployment(status=Status.PENDING)
LATER = NOON + timedelta(hours=1)
AGAIN = a_deployment(status=Status.PENDING, requested_at=LATER)
LIVE = a_deployment(status=Status.DEPLOYED, registered_at=NOON)
ADOPTED = TaskOutcome(name="adopted", note="took over the endpoint that still stands")
LIVE_ALREADY = superseded("This version is live already.")


def validate(
    registry: FakeModelRegistry,
    store: FakeDeploymentStore,
    *,
    deployment: Deployment = PENDING,
    alias: str | None = None,
    reasons: tuple[Incompatibility, ...] = (),
    endpoints: tuple[Endpoint, ...] = (),
) -> TaskOutcome:
    control = FakeEndpointControl(*endpoints)
    validation = Validation(
        store=store,
        registry=registry,
        endpoint_reuse=EndpointReuse(store=store, control=control, hardware=HARDWARE),
        policy=DeployPolicy(alias),
        find_incompatibilities=lambda _deployment, _version: list(reasons),
    )
    outcome = validation.validate(store.deployments[deployment.id])
    keep(store, store.deployments[deployment.id], outcome)
    return outcome


def knowing(*versions: RegisteredVersion) -> FakeModelRegistry:
    return FakeModelRegistry(*versions)


def tags_of(registry: FakeModelRegistry) -> dict[str, str]:
    found = registry.version("iris", "1")
    assert found
    return dict(found.tags)


def test_a_compatible_version_is_deploying() -> None:
    """Its schemas and its example are stored for later steps and for callers."""
    store, registry = FakeDeploymentStore(PENDING), knowing(a_version(params=[{"name": "factor"}]))

    assert TaskOutcome(name="valid") == validate(registry, store)

    kept = store.deployments[PENDING.id]
    assert (Status.DEPLOYING, NOON) == (kept.status, kept.registered_at)
    assert (A_TENSOR, A_TENSOR) == (kept.contract.inputs, kept.contract.outputs)
    assert [{"name": "factor"}] == kept.contract.params
    assert {"inputs": [[5.1, 3.5, 1.4, 0.2]]} == kept.contract.input_example


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
    expected = PackageRecord(runtime=ModelSource.HUB, repository="owner/model", revision="a" * 40)
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


def test_a_second_validation_keeps_the_package() -> None:
    """A new execution serves the same commit, wherever the source's branch is now."""
    reference = {"source_model_name": "owner/model", "source_model_revision": None}
    packaged = changed(
        PENDING, runtime=ModelSource.HUB, repository="owner/model", revision="b" * 40
    )
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


class Mute(FakeModelRegistry):
    """A registry that can be read and refuses every write."""

    def set_tags(self, *_args: Any) -> None:
        raise RuntimeError("read only")


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
    assert {} == tags_of(registry)


@pytest.mark.parametrize(("extra_bytes", "kept"), [(0, True), (1, False)])
def test_a_large_example_is_not_kept(extra_bytes: int, kept: bool) -> None:
    """The record has room for 200 kB of it."""
    frame = len('{"inputs": ""}')
    example = {"inputs": "x" * (MAX_EXAMPLE_BYTES - frame + extra_bytes)}
    store = FakeDeploymentStore(PENDING)

    validate(knowing(a_version(input_example=example)), store)

    assert (example if kept else None) == store.deployments[PENDING.id].contract.input_example


OPTED_OUT = "The version is tagged hokus.deploy=false in MLflow."


@pytest.mark.parametrize(
    ("origin", "attempt", "expected"),
    [
        (RequestedBy.REGISTRY, 1, superseded(OPTED_OUT)),
        (RequestedBy.REGISTRY, 2, superseded(OPTED_OUT)),
        (RequestedBy.OPERATOR, 1, failed(f"{OPTED_OUT} Remove the tag to deploy it.")),
        (RequestedBy.OPERATOR, 2, failed(f"{OPTED_OUT} Remove the tag to deploy it.")),
    ],
)
def test_an_opted_out_version_is_not_deployed(
    origin: RequestedBy, attempt: int, expected: TaskOutcome
) -> None:
    """Whoever requests it; an operator learns what to do."""
    requested = a_deployment(status=Status.PENDING, origin=origin, attempt=attempt)
    store = FakeDeploymentStore(requested)
    registry = knowing(a_version(tags={"hokus.deploy": "False"}))

    assert expected == validate(registry, store, deployment=requested)
    assert requested == store.deployments[requested.id]


@pytest.mark.parametrize(
    ("aliases", "origin", "attempt", "expected"),
    [
        ((), RequestedBy.REGISTRY, 1, "superseded"),
        (("challenger",), RequestedBy.REGISTRY, 1, "superseded"),
        (("challenger", "champion"), RequestedBy.REGISTRY, 1, "valid"),
        ((), RequestedBy.OPERATOR, 1, "valid"),
        ((), RequestedBy.REGISTRY, 2, "valid"),
    ],
)
def test_if_an_alias_decides_only_its_version_is_deployed(
    aliases: tuple[str, ...], origin: RequestedBy, attempt: int, expected: str
) -> None:
    """Requests of operators and of the reconciler are already decided."""
    requested = a_deployment(status=Status.PENDING, origin=origin, attempt=attempt)
    registry = knowing(a_version(aliases=aliases))

    outcome = validate(
        registry, FakeDeploymentStore(requested), deployment=requested, alias="champion"
    )

    assert expected == outcome.name
    if expected == "superseded":
        assert "The alias `champion` does not name this version." == outcome.reason


def test_a_version_that_serves_is_not_deployed_again() -> None:
    """A late webhook is another request; the live deployment becomes the desired one again."""
    store = FakeDeploymentStore(LIVE, AGAIN)
    seen = DesiredDeployment.of(AGAIN, registry_version="1")
    store.set_desired(seen, expected=store.desired("iris"))

    assert LIVE_ALREADY == validate(knowing(a_version()), store, deployment=AGAIN)
    assert DesiredDeployment.of(LIVE, registry_version="1") == store.desired("iris")


def test_a_newer_desired_deployment_is_kept() -> None:
    """A request arrived during the validation."""
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=2))
    store = FakeDeploymentStore(LIVE, AGAIN)
    set_desired(store, newer)

    assert LIVE_ALREADY == validate(knowing(a_version()), store, deployment=AGAIN)
    assert DesiredDeployment.of(newer) == store.desired("iris")


@pytest.mark.parametrize(
    ("live", "requested"),
    [
        (changed(LIVE, model_version="2"), AGAIN),
        (changed(LIVE, registered_at=NOON - timedelta(days=1)), AGAIN),
        (LIVE, changed(AGAIN, origin=RequestedBy.OPERATOR)),
        (LIVE, changed(AGAIN, attempt=2)),
    ],
)
def test_a_different_or_broken_live_deployment_is_replaced(
    live: Deployment, requested: Deployment
) -> None:
    """Another version or registration, an operator's redeployment, or a broken endpoint."""
    store = FakeDeploymentStore(live, requested)

    assert TaskOutcome(name="valid") == validate(knowing(a_version()), store, deployment=requested)


STOPPED = with_endpoint(a_deployment(status=Status.STOPPED, registered_at=NOON))


@pytest.mark.parametrize("times", [1, 2])
def test_an_endpoint_that_still_runs_is_reused(times: int) -> None:
    """Without checking compatibility again, since it has passed before.

    A retry has the same result.
    """
    store, registry = FakeDeploymentStore(STOPPED, AGAIN), knowing(a_version())

    for _ in range(times):
        outcome = validate(
            registry,
            store,
            deployment=AGAIN,
            reasons=(Incompatibility("The budget is spent.", retryable=True),),
            endpoints=(endpoint_of(STOPPED),),
        )

    assert ADOPTED == outcome
    taken = store.deployments[AGAIN.id]
    assert (Status.DEPLOYING, STOPPED.id) == (taken.status, taken.endpoint.adopted_from)
    assert "deploying" == tags_of(registry)["hokus.status"]


def test_an_endpoint_of_a_deleted_version_is_not_reused() -> None:
    """Another version was registered with its number since."""
    store = FakeDeploymentStore(STOPPED, AGAIN)
    registry = knowing(a_version(registered_at=NOON + timedelta(minutes=30)))

    outcome = validate(registry, store, deployment=AGAIN, endpoints=(endpoint_of(STOPPED),))

    assert TaskOutcome(name="valid") == outcome
    assert store.deployments[AGAIN.id].endpoint.adopted_from is None
