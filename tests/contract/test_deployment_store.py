"""The fake store and DynamoDB (moto) keep the same promises."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.record import (
    Deployment,
    ModelSource,
    RequestedBy,
    Status,
    TimelineEntry,
)
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
    ModelState,
    SupersededError,
)
from functions.common.signatures.request_schema import request_schema
from tests.builders import NOON, a_deployment, a_live_deployment, changed, set_desired
from tests.fakes.deployment_store import FakeDeploymentStore


@pytest.fixture(params=["fake", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[DeploymentStore]:
    """Each test runs on both."""
    if request.param == "fake":
        yield FakeDeploymentStore()
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName="deployed_models",
            KeySchema=[
                {"AttributeName": "model_id", "KeyType": "HASH"},
                {"AttributeName": "id", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "model_id", "AttributeType": "S"},
                {"AttributeName": "id", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield DynamoDeploymentStore(client, "deployed_models")


def newer(**changes: Any) -> Deployment:
    """Version 2, asked for a second after noon."""
    return a_deployment(
        **{"model_version": "2", "requested_at": NOON + timedelta(seconds=1), **changes}
    )


def nothing(at: datetime = NOON) -> DesiredDeployment:
    """That `iris` is to serve nothing any more."""
    return DesiredDeployment(
        model_id="iris", deployment_id=None, model_version=None, requested_at=at
    )


def go_live(store: DeploymentStore, deployment: Deployment) -> Deployment:
    """From its record to serving."""
    store.add(deployment)
    set_desired(store, deployment)
    return store.activate(deployment)


def replaced(store: DeploymentStore) -> tuple[Deployment, Deployment]:
    """A stopped deployment whose endpoint still stands, and one on its way that could use it."""
    earlier = a_live_deployment(status=Status.DEPLOYING, **ENDPOINT)
    go_live(store, earlier)
    go_live(store, newer())
    again = a_deployment(requested_at=NOON + timedelta(hours=1))
    store.add(again)
    stopped = store.get("iris", earlier.id)
    assert stopped is not None
    return stopped, again


ENDPOINT: dict[str, Any] = {
    "runtime": ModelSource.HUB,
    "repository": "hokus/hokus-iris-0123abcd",
    "revision": "a" * 40,
    "package_digest": "d" * 64,
    "task": "text-classification",
    "instance_type": "intel-spr",
    "instance_size": "x2",
    "hourly_cost_usd": 0.067,
}
LATER = NOON + timedelta(hours=2)


def test_what_was_added_is_got_back_whole(store: DeploymentStore) -> None:
    """Every attribute survives, floats, nested documents and non-ASCII text among them."""
    deployment = a_deployment(
        model_id="Grüße an alle",
        input_schema=[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}],
        input_example={"inputs": [[5.1, 3.5, 1.4, 1e-300]]},
        hourly_cost_usd=0.067,
        timeline=(TimelineEntry(step="validate", time=NOON, outcome="valid"),),
    )

    assert store.add(deployment)
    assert deployment == store.get(deployment.model_id, deployment.id)


def test_large_documents_are_got_back_whole(store: DeploymentStore) -> None:
    """Of thousands of columns, with the schema that calls are checked by, within DynamoDB's 400 KB;
    also when it is live."""
    columns = [{"type": "double", "name": f"spalte_ü_{number}"} for number in range(3_000)]
    deployment = a_live_deployment(
        status=Status.DEPLOYING,
        input_schema=columns,
        output_schema=columns,
        request_schema=request_schema(columns, None),
        input_example={"inputs": [{each["name"]: 0.5 for each in columns}]},
    )

    live = go_live(store, deployment)

    assert deployment.contract.request_schema == live.contract.request_schema
    assert live == store.live(deployment.model_id) == store.get(deployment.model_id, deployment.id)
    assert columns == live.contract.inputs


def test_adding_twice_keeps_the_first(store: DeploymentStore) -> None:
    """The same request again changes nothing."""
    deployment = a_deployment()
    store.add(deployment)

    assert not store.add(changed(deployment, model_version="9"))
    assert deployment == store.get(deployment.model_id, deployment.id)


def test_an_unknown_deployment_is_none(store: DeploymentStore) -> None:
    """Nothing is made up."""
    assert store.get("iris", "nowhere") is None
    assert store.live("iris") is None
    assert [] == store.list_for_model("iris")


def test_update_writes_and_removes(store: DeploymentStore) -> None:
    """A change of None removes the attribute; others stay."""
    deployment = a_deployment(reason="old", endpoint_name="hokus-iris")
    store.add(deployment)

    updated = store.update(deployment, changed(deployment, reason=None, endpoint_url="https://x"))

    stored = store.get("iris", deployment.id)
    assert updated == stored
    assert stored is not None
    assert (None, "https://x", "hokus-iris") == (
        stored.reason,
        stored.endpoint.url,
        stored.endpoint.name,
    )


def test_update_of_a_status_that_moved_is_refused(store: DeploymentStore) -> None:
    """Whoever decided on an old status must decide anew."""
    deployment = a_deployment(status=Status.PENDING)
    store.add(deployment)
    store.update(deployment, changed(deployment, status=Status.FAILED))

    with pytest.raises(DeploymentChangedError):
        store.update(deployment, changed(deployment, status=Status.DEPLOYING))


def test_first_activation_makes_it_live(store: DeploymentStore) -> None:
    """The live item is the whole deployment under its own id."""
    deployment = a_deployment(endpoint_url="https://x")

    activated = go_live(store, deployment)

    assert activated == store.live("iris") == store.get("iris", deployment.id)
    assert (Status.DEPLOYED, None) == (activated.status, activated.replaced_id)
    assert [activated] == store.list_for_model("iris")


def test_activation_replaces_what_serves(store: DeploymentStore) -> None:
    """It is stopped with a reason in the same stroke."""
    older = go_live(store, a_deployment())

    activated = go_live(store, newer())

    assert older.id == activated.replaced_id
    assert activated == store.live("iris")
    stopped = store.get("iris", older.id)
    assert stopped is not None
    assert (Status.STOPPED, "Replaced by version 2.") == (stopped.status, stopped.reason)


def test_an_earlier_version_can_be_activated_again(store: DeploymentStore) -> None:
    """What counts is the desired, not which request is older."""
    go_live(store, newer())
    earlier = a_deployment()

    assert go_live(store, earlier).id == earlier.id


@pytest.mark.parametrize("desired", [None, nothing(), DesiredDeployment.of(newer())], ids=str)
def test_what_is_not_the_target_is_superseded(
    store: DeploymentStore, desired: DesiredDeployment | None
) -> None:
    """The newest request wins whatever completes first; nothing goes live without one."""
    deployment = a_deployment()
    store.add(deployment)
    if desired:
        store.set_desired(desired, expected=None)

    with pytest.raises(SupersededError):
        store.activate(deployment)

    assert store.live("iris") is None
    assert deployment == store.get("iris", deployment.id)


def test_what_is_superseded_leaves_alone_what_serves(store: DeploymentStore) -> None:
    """Also when it comes up last."""
    live = go_live(store, newer())
    older = a_deployment()
    store.add(older)

    with pytest.raises(SupersededError):
        store.activate(older)

    assert live == store.live("iris")


def test_activating_twice_changes_nothing(store: DeploymentStore) -> None:
    """A retried activation finds its own work, also when the desired has moved on since."""
    go_live(store, a_deployment())
    once = go_live(store, newer())
    assert store.set_desired(nothing(LATER), expected=DesiredDeployment.of(once))

    assert once == store.activate(newer())


def test_a_failed_deployment_cannot_be_activated(store: DeploymentStore) -> None:
    """What somebody else has ended stays ended, and nothing is live."""
    deployment = a_deployment()
    store.add(deployment)
    set_desired(store, deployment)
    store.update(deployment, changed(deployment, status=Status.FAILED, reason="No."))

    with pytest.raises(DeploymentChangedError):
        store.activate(deployment)

    assert store.live("iris") is None


def test_there_is_no_target_before_somebody_says_so(store: DeploymentStore) -> None:
    """A record alone is no request."""
    store.add(a_deployment())

    assert store.desired("iris") is None


@pytest.mark.parametrize(
    "desired",
    [
        DesiredDeployment.of(
            newer(model_id="Grüße", origin=RequestedBy.OPERATOR), registry_version="1"
        ),
        DesiredDeployment.of(newer()),
        nothing(),
    ],
    ids=str,
)
def test_a_target_is_got_back_whole(store: DeploymentStore, desired: DesiredDeployment) -> None:
    """One that names nothing, too."""
    assert store.set_desired(desired, expected=None)

    assert desired == store.desired(desired.model_id)


@pytest.mark.parametrize(
    ("standing", "believed"),
    [
        (None, nothing()),
        (nothing(), None),
        (nothing(), nothing(LATER)),
        (nothing(), DesiredDeployment.of(a_deployment())),
        (DesiredDeployment.of(a_deployment()), None),
        (DesiredDeployment.of(a_deployment()), nothing()),
        (DesiredDeployment.of(a_deployment()), DesiredDeployment.of(newer(requested_at=NOON))),
        (
            DesiredDeployment.of(a_deployment()),
            replace(DesiredDeployment.of(a_deployment()), requested_at=LATER),
        ),
    ],
)
def test_a_target_is_not_set_over_one_that_was_not_seen(
    store: DeploymentStore, standing: DesiredDeployment | None, believed: DesiredDeployment | None
) -> None:
    """Of two that decide at once, the second must look again; also for one request time."""
    if standing:
        store.set_desired(standing, expected=None)

    assert not store.set_desired(DesiredDeployment.of(newer()), expected=believed)
    assert standing == store.desired("iris")


@pytest.mark.parametrize(
    "standing", [None, nothing(), DesiredDeployment.of(a_deployment())], ids=str
)
def test_a_target_is_set_over_the_one_that_was_seen(
    store: DeploymentStore, standing: DesiredDeployment | None
) -> None:
    """Nothing of the earlier one is left."""
    if standing:
        store.set_desired(standing, expected=None)

    assert store.set_desired(nothing(LATER), expected=standing)
    assert nothing(LATER) == store.desired("iris")


def test_withdrawing_leaves_nothing_serving(store: DeploymentStore) -> None:
    """With the reason; the desired stays as it was."""
    live = go_live(store, a_deployment())
    set_desired(store, newer())

    stopped = store.undeploy(live, reason="Deleted in MLflow.")

    assert (Status.STOPPED, "Deleted in MLflow.") == (stopped.status, stopped.reason)
    assert stopped == store.get("iris", live.id)
    assert store.live("iris") is None
    assert DesiredDeployment.of(newer()) == store.desired("iris")


def test_what_is_aimed_at_nothing_can_be_withdrawn(store: DeploymentStore) -> None:
    """That is how a model is undeployed."""
    live = go_live(store, a_deployment())
    assert store.set_desired(nothing(LATER), expected=DesiredDeployment.of(live))

    store.undeploy(live, reason="Undeployed by an operator.")

    assert store.live("iris") is None


def test_the_target_is_not_withdrawn(store: DeploymentStore) -> None:
    """Somebody requests it by now."""
    live = go_live(store, a_deployment())

    with pytest.raises(DeploymentChangedError):
        store.undeploy(live, reason="Deleted in MLflow.")

    assert live == store.live("iris") == store.get("iris", live.id)


def test_what_does_not_serve_is_not_withdrawn(store: DeploymentStore) -> None:
    """Neither what was replaced meanwhile nor what is coming up; what serves goes on."""
    once_live = go_live(store, a_deployment())
    live = go_live(store, newer())
    coming = a_deployment(model_version="3")
    store.add(coming)
    store.set_desired(nothing(LATER), expected=DesiredDeployment.of(live))

    for deployment in (once_live, coming):
        with pytest.raises(DeploymentChangedError):
            store.undeploy(deployment, reason="Deleted in MLflow.")

    assert live == store.live("iris")
    assert coming == store.get("iris", coming.id)


def test_an_endpoint_is_handed_over_whole(store: DeploymentStore) -> None:
    """With everything that belongs to it, and nothing else."""
    earlier, again = replaced(store)

    received = store.transfer_endpoint(earlier, again)

    assert received is not None
    assert received == store.get("iris", again.id)
    kept = replace(earlier.endpoint, adopted_from=earlier.id)
    assert (kept, earlier.package) == (received.endpoint, received.package)
    assert (earlier.id, earlier.id) == (
        received.endpoint.adopted_from,
        received.endpoint_deployment_id,
    )
    assert (again.status, again.requested_at) == (received.status, received.requested_at)
    left = store.get("iris", earlier.id)
    assert left is not None
    assert (again.id, Status.STOPPED) == (left.endpoint.handed_to, left.status)


def test_an_endpoint_keeps_its_first_name_when_it_is_handed_on(store: DeploymentStore) -> None:
    """It goes on saying that it was made for the first deployment."""
    earlier, again = replaced(store)
    store.transfer_endpoint(earlier, again)
    received = go_live(store, again)
    go_live(store, newer(requested_at=LATER))
    stopped = store.get("iris", received.id)
    third = a_deployment(requested_at=LATER + timedelta(hours=1))
    store.add(third)
    assert stopped is not None

    handed_on = store.transfer_endpoint(stopped, third)

    assert handed_on is not None
    assert earlier.id == handed_on.endpoint.adopted_from


def test_an_endpoint_is_handed_over_once(store: DeploymentStore) -> None:
    """Two that want it at the same time do not share it."""
    earlier, again = replaced(store)
    other = a_deployment(requested_at=LATER)
    store.add(other)
    assert store.transfer_endpoint(earlier, again) is not None

    assert store.transfer_endpoint(earlier, other) is None
    assert other == store.get("iris", other.id)


def test_an_endpoint_that_is_being_deleted_is_not_handed_over(store: DeploymentStore) -> None:
    """Whoever took it over would lose it."""
    earlier, again = replaced(store)
    assert store.begin_removal(earlier)

    assert store.transfer_endpoint(earlier, again) is None
    assert again == store.get("iris", again.id)


def test_an_endpoint_is_not_handed_to_what_has_ended(store: DeploymentStore) -> None:
    """The earlier one keeps it, to be removed with it."""
    earlier, again = replaced(store)
    store.update(again, changed(again, status=Status.STOPPED, reason="Superseded."))

    assert store.transfer_endpoint(earlier, again) is None
    assert earlier == store.get("iris", earlier.id)


def test_what_serves_does_not_hand_its_endpoint_over(store: DeploymentStore) -> None:
    """Two live records of one endpoint would delete it for each other."""
    live = go_live(store, a_deployment())
    again = newer()
    store.add(again)

    assert store.transfer_endpoint(live, again) is None
    assert live == store.get("iris", live.id)


def test_a_removal_can_be_begun_again(store: DeploymentStore) -> None:
    """Its first try may have died on the way."""
    earlier, _ = replaced(store)

    assert [True, True] == [store.begin_removal(earlier) for _ in range(2)]
    removing = store.get("iris", earlier.id)
    assert removing is not None
    assert removing.endpoint.removing


def test_what_was_handed_over_is_not_removed(store: DeploymentStore) -> None:
    """The endpoint is another deployment's now."""
    earlier, again = replaced(store)
    store.transfer_endpoint(earlier, again)

    assert not store.begin_removal(earlier)


def test_nothing_unknown_is_removed(store: DeploymentStore) -> None:
    """A removal makes no record."""
    assert not store.begin_removal(a_deployment())
    assert store.get("iris", a_deployment().id) is None


def test_the_state_of_a_model_is_everything_that_is_kept(store: DeploymentStore) -> None:
    """Each deployment once, and neither other models nor copies among them."""
    first = go_live(store, a_deployment())
    coming = newer()
    store.add(coming)
    set_desired(store, coming)
    go_live(store, a_deployment(model_id="wine"))

    state = store.state("iris")

    assert (
        ModelState(
            model_id="iris",
            deployments=(coming, first),
            live_id=first.id,
            desired=DesiredDeployment.of(coming),
        )
        == state
    )
    assert first == state.live


def test_the_state_of_an_unknown_model_is_empty(store: DeploymentStore) -> None:
    """Whoever asks need not know whether there is one."""
    assert ModelState(model_id="iris", deployments=(), live_id=None, desired=None) == store.state(
        "iris"
    )


def test_the_states_are_those_of_every_model(store: DeploymentStore) -> None:
    """Also when they do not fit into one page, and of models with nothing but a desired."""
    example = {"inputs": ["x" * 190_000]}
    models = [f"model {number}" for number in range(4)]
    for model_id in models:
        go_live(store, a_deployment(model_id=model_id, input_example=example))
        store.add(newer(model_id=model_id, input_example=example))
    store.set_desired(nothing(), expected=None)

    states = {state.model_id: state for state in store.states()}

    assert {"iris", *models} == states.keys()
    assert states == {model_id: store.state(model_id) for model_id in states}
    assert [2, 2, 2, 2] == [len(states[model_id].deployments) for model_id in models]


def test_there_are_no_states_before_there_is_anything(store: DeploymentStore) -> None:
    """An empty table has no models."""
    assert [] == list(store.states())


def test_deployments_of_a_model_come_newest_wish_first(store: DeploymentStore) -> None:
    """Whatever the order of writing, and without other models."""
    first = a_deployment(requested_at=NOON)
    second = a_deployment(requested_at=NOON + timedelta(seconds=1))
    other = a_deployment(model_id="wine")
    for deployment in (second, other, first):
        store.add(deployment)

    assert [second, first] == store.list_for_model("iris")


def test_the_last_attempt_of_a_wish_comes_first(store: DeploymentStore) -> None:
    """One request's deployments share its time, and can share that of their making."""
    attempts = [
        a_deployment(attempt=1),
        a_deployment(attempt=2, created_at=LATER),
        a_deployment(attempt=3, created_at=LATER),
    ]
    for deployment in attempts:
        store.add(deployment)

    assert [3, 2, 1] == [each.attempt for each in store.list_for_model("iris")]
