"""Creation of an endpoint: exactly one, whatever fails on the way."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.deployments.record import HUB_RUNTIME
from functions.common.providers.base import (
    Endpoint,
    EndpointExistsError,
    EndpointSpec,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from functions.provision.names import tags
from functions.provision.tasks.runner import TaskOutcome
from tests.builders import changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl, echo_of
from tests.unit.provision.endpoints import (
    HARDWARE,
    INSTALLATION,
    REVISION,
)
from tests.unit.provision.tasks.creating import (
    DEPLOYMENT,
    NAME,
    OURS,
    TAGS,
    create,
)

CREATED = TaskOutcome(name="created", details={"wait_s": 1})


def test_an_endpoint_is_created_as_ours() -> None:
    """With our tags, the deployment's id and the secret on record."""
    control = FakeEndpointControl()

    outcome, record = create(control)

    spec = control.specs[NAME]
    assert CREATED == outcome
    assert ("acme/hokus-iris", REVISION) == (spec.repository, spec.revision)
    assert ("container", "3.12") == (spec.runtime, spec.python)
    assert (TAGS, None, "authenticated") == (spec.tags, spec.task, spec.access)
    assert {"HOKUS_DEPLOYMENT_ID": DEPLOYMENT.id} == spec.env
    assert {"HOKUS_ENDPOINT_SECRET": "the-secret"} == spec.secrets
    assert ("intel-spr", "x2") == (record.endpoint.instance_type, record.endpoint.instance_size)
    assert HARDWARE == spec.hardware


def test_a_hub_source_gets_no_secret_and_no_trust() -> None:
    """Its code is not ours: it gets no secret and may not run code of its own."""
    hub = changed(
        DEPLOYMENT,
        endpoint_secret=None,
        runtime=HUB_RUNTIME,
        python=None,
        task="text-classification",
    )
    control = FakeEndpointControl()

    outcome, _record = create(control, FakeDeploymentStore(hub))

    spec = control.specs[NAME]
    assert CREATED == outcome
    assert ({}, {}, "text-classification") == (spec.env, spec.secrets, spec.task)


@pytest.mark.parametrize(
    "missing",
    [
        "endpoint_name",
        "endpoint_secret",
        "repository",
        "revision",
        "runtime",
        "instance_size",
        "min_replicas",
    ],
)
def test_without_all_of_it_on_record_nothing_is_created(missing: str) -> None:
    """Otherwise an endpoint whose creation was not answered would be unknown to the record."""
    control = FakeEndpointControl()

    with pytest.raises(ValueError, match="has no"):
        create(control, FakeDeploymentStore(changed(DEPLOYMENT, **{missing: None})))

    assert {} == control.endpoints


def test_the_secret_is_not_shown() -> None:
    """Neither in the specification's representation nor in the record's."""
    control = FakeEndpointControl()

    _outcome, record = create(control)

    assert "the-secret" not in repr(control.specs[NAME])
    assert "the-secret" not in repr(record)


def test_creating_twice_makes_one_endpoint() -> None:
    """The second run adopts the endpoint of the first."""
    control, store = FakeEndpointControl(), FakeDeploymentStore(DEPLOYMENT)

    create(control, store)
    outcome, _record = create(control, store)

    assert CREATED == outcome
    assert [NAME] == list(control.endpoints)


def test_an_endpoint_whose_answer_was_lost_is_adopted() -> None:
    """It exists, and the record already has its secret."""
    lost = ProviderUnavailableError("timed out")
    control, store = (
        FakeEndpointControl(error=lost, loses_answers=True),
        FakeDeploymentStore(DEPLOYMENT),
    )

    with pytest.raises(ProviderUnavailableError):
        create(control, store)
    outcome, record = create(control, store)

    assert CREATED == outcome
    assert {"HOKUS_ENDPOINT_SECRET": record.endpoint.secret} == control.specs[NAME].secrets


class AppearsLate(FakeEndpointControl):
    """The endpoint of an earlier attempt appears between our look-up and our create."""

    def create(self, spec: EndpointSpec) -> Endpoint:
        self.endpoints[spec.name] = replace(OURS, echo=echo_of(spec))
        return super().create(spec)


class HoldsTheName(FakeEndpointControl):
    """A deletion in progress: the endpoint is no longer described, but its name is still taken."""

    def __init__(self) -> None:
        super().__init__(error=EndpointExistsError(NAME))


def test_an_endpoint_that_appears_meanwhile_is_adopted() -> None:
    """After a conflict the endpoint is read again."""
    assert "created" == create(AppearsLate())[0].name


def test_a_name_that_is_still_taken_is_a_retryable_error() -> None:
    """It is free within seconds."""
    with pytest.raises(ProviderUnavailableError):
        create(HoldsTheName())


@pytest.mark.parametrize("found", [(), tags("another", installation=INSTALLATION)])
def test_an_endpoint_of_that_name_that_is_not_ours_is_left_alone(found: tuple[str, ...]) -> None:
    """It may have another owner."""
    control = FakeEndpointControl(replace(OURS, tags=found))

    outcome, _record = create(control)

    reason = f"An endpoint named {NAME} exists already and is not this deployment's."
    assert TaskOutcome(name="failed", reason=reason) == outcome
    assert control.describe(NAME)


def test_an_endpoint_that_comes_up_otherwise_is_deleted() -> None:
    """The API has been seen to answer 200 and create another type, and to leave fields out."""
    control = FakeEndpointControl(echo={"access": "private", "runtime": None})

    outcome, _record = create(control)

    reason = (
        "The endpoint is not as asked for. access: asked for `authenticated`, got `private`; "
        "runtime: asked for `container`, got nothing."
    )
    assert TaskOutcome(name="failed", reason=reason) == outcome
    assert control.describe(NAME) is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"revision": "b" * 40}, f"revision: asked for `{REVISION}`, got `{'b' * 40}`"),
        ({"repository": "acme/other"}, "repository: asked for `acme/hokus-iris`, got `acme/other`"),
        ({"env": {}}, f"env.HOKUS_DEPLOYMENT_ID: asked for `{DEPLOYMENT.id}`, got nothing"),
    ],
)
def test_an_endpoint_that_is_adopted_is_as_asked_for(changes: dict[str, Any], words: str) -> None:
    """The one of an earlier try, whose answer was lost; otherwise it is deleted."""
    lost = ProviderUnavailableError("timed out")
    control = FakeEndpointControl(error=lost, loses_answers=True, echo=changes)
    with pytest.raises(ProviderUnavailableError):
        create(control)

    outcome, _record = create(control)

    assert "failed" == outcome.name
    assert words in (outcome.reason or "")
    assert "the-secret" not in (outcome.reason or "")
    assert control.describe(NAME) is None


@pytest.mark.parametrize("may_pass", [True, False])
def test_a_refusal_fails_with_the_providers_message(may_pass: bool) -> None:
    """It is retryable when the provider's refusal may pass."""
    words = "Quota exceeded for intel-spr"
    control = FakeEndpointControl(error=ProviderRefusedError(words, may_pass=may_pass))

    assert TaskOutcome(name="failed", reason=words, retryable=may_pass) == create(control)[0]
