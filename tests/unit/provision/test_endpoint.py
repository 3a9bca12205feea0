"""An endpoint is made once, whatever happens on the way."""

from dataclasses import replace

import pytest

from functions.common.deployments.record import Deployment
from functions.common.providers.base import (
    Endpoint,
    EndpointExistsError,
    EndpointState,
    Hardware,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from functions.provision.endpoint import EndpointCreation
from functions.provision.names import endpoint_name, tags
from functions.provision.tasks import Outcome
from tests.builders import a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl

DEPLOYMENT = a_deployment(repository="acme/hokus-iris", revision="a" * 40)
NAME = endpoint_name(DEPLOYMENT.model_id, DEPLOYMENT.id)
HARDWARE = Hardware(
    vendor="aws",
    region="us-east-1",
    instance_type="intel-spr",
    instance_size="x2",
    min_replicas=0,
    max_replicas=1,
    scale_to_zero_after_min=15,
)
OURS = Endpoint(
    name=NAME,
    state=EndpointState.STARTING,
    url=None,
    message="",
    repository="acme/hokus-iris",
    revision="a" * 40,
    tags=tags(DEPLOYMENT.id),
    access="authenticated",
)


def create(
    control: FakeEndpointControl, store: FakeDeploymentStore | None = None
) -> tuple[Outcome, Deployment]:
    """The outcome, and the record afterwards."""
    store = store or FakeDeploymentStore(DEPLOYMENT)
    secrets = iter(["first-secret", "second-secret"])
    creation = EndpointCreation(
        store=store, control=control, hardware=HARDWARE, new_secret=lambda: next(secrets)
    )
    outcome = creation.create(store.deployments[DEPLOYMENT.id])
    return outcome, store.deployments[DEPLOYMENT.id]


def test_an_endpoint_is_created_as_ours() -> None:
    """With our tags, the deployment's identity and the secret that the record keeps."""
    control = FakeEndpointControl()

    outcome, record = create(control)

    spec = control.specs[NAME]
    assert Outcome(name="created") == outcome
    assert ("acme/hokus-iris", "a" * 40) == (spec.repository, spec.revision)
    assert tags(DEPLOYMENT.id) == spec.tags
    assert {"HOKUS_DEPLOYMENT_ID": DEPLOYMENT.id, "HF_TRUST_REMOTE_CODE": "1"} == spec.env
    assert {"HOKUS_ENDPOINT_SECRET": "first-secret"} == spec.secrets
    assert ("first-secret", NAME) == (record.endpoint_secret, record.endpoint_name)
    assert ("intel-spr", "x2") == (record.instance_type, record.instance_size)
    assert HARDWARE == spec.hardware


def test_the_secret_is_not_shown() -> None:
    """Neither by the specification nor by the record."""
    control = FakeEndpointControl()

    _outcome, record = create(control)

    assert "first-secret" not in repr(control.specs[NAME])
    assert "first-secret" not in repr(record)


def test_creating_twice_makes_one_endpoint_with_one_secret() -> None:
    """The second run adopts what the first has made."""
    control, store = FakeEndpointControl(), FakeDeploymentStore(DEPLOYMENT)

    create(control, store)
    outcome, record = create(control, store)

    assert Outcome(name="created") == outcome
    assert "first-secret" == record.endpoint_secret
    assert [NAME] == list(control.endpoints)


def test_an_endpoint_whose_answer_was_lost_is_adopted() -> None:
    """The work was done; the retry finds it, and the record already knows its secret."""
    lost = ProviderUnavailableError("timed out")
    control, store = (
        FakeEndpointControl(error=lost, loses_answers=True),
        FakeDeploymentStore(DEPLOYMENT),
    )

    with pytest.raises(ProviderUnavailableError):
        create(control, store)
    outcome, record = create(control, store)

    assert Outcome(name="created") == outcome
    assert {"HOKUS_ENDPOINT_SECRET": record.endpoint_secret} == control.specs[NAME].secrets


class AppearsLate(FakeEndpointControl):
    """The endpoint of an earlier try shows itself between our look and our create."""

    def describe(self, name: str) -> Endpoint | None:
        found = super().describe(name)
        self.endpoints.setdefault(name, OURS)
        return found


class HoldsTheName(FakeEndpointControl):
    """A deletion under way: not described any more, but the name is not free yet."""

    def __init__(self) -> None:
        super().__init__(error=EndpointExistsError(NAME))


def test_an_endpoint_that_appears_meanwhile_is_adopted() -> None:
    """A name that is taken is looked at again."""
    assert "created" == create(AppearsLate())[0].name


def test_a_name_that_is_still_held_is_tried_again() -> None:
    """It becomes free within seconds."""
    with pytest.raises(ProviderUnavailableError):
        create(HoldsTheName())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tags": ()}, "is not this deployment's"),
        ({"tags": tags("another")}, "is not this deployment's"),
        ({"revision": "b" * 40}, "another revision"),
        ({"repository": "acme/other"}, "another revision"),
    ],
)
def test_an_endpoint_that_is_not_what_we_asked_for_is_left_alone(
    changes: dict[str, object], words: str
) -> None:
    """It may be somebody's."""
    control = FakeEndpointControl(replace(OURS, **changes))

    outcome, _record = create(control)

    assert "failed" == outcome.name
    assert words in (outcome.reason or "")
    assert control.describe(NAME)


@pytest.mark.parametrize("access", ["private", "public", ""])
def test_another_access_than_asked_for_is_undone(access: str) -> None:
    """The API has been seen to answer 200 to a type and to make another."""
    control = FakeEndpointControl(access=access)

    outcome, _record = create(control)

    assert "failed" == outcome.name
    assert control.describe(NAME) is None


def test_a_refusal_fails_in_the_providers_words() -> None:
    """For instance when there is no such hardware, or no money."""
    control = FakeEndpointControl(error=ProviderRefusedError("Instance compute not found"))

    assert Outcome(name="failed", reason="Instance compute not found") == create(control)[0]
