"""Deployment requests: each makes a record and an execution, in any order and after crashes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.identity import deployment_id
from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.deployments.requests import DeploymentRequests, DeployRequest
from tests.builders import NOON, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.workflow import FakeWorkflow

NOW = NOON + timedelta(minutes=5)


def a_request(version: str = "1", *, after_s: float = 0, **changes: Any) -> DeployRequest:
    """Return a request for a version of `iris`, made *after_s* after noon."""
    return DeployRequest(
        model_id="iris",
        model_version=version,
        requested_at=NOON + timedelta(seconds=after_s),
        **changes,
    )


class RequestsOnFakes:
    """Deployment requests, with the store and the workflow that they write to."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore()
        self.workflow = FakeWorkflow()
        self.requests = DeploymentRequests(
            self.store, self.workflow, installation="test", now=lambda: NOW
        )

    def record(self, id_: str) -> Deployment:
        """Return the deployment's record."""
        return self.store.deployments[id_]


@pytest.fixture
def on_fakes() -> RequestsOnFakes:
    """Deployment requests on an empty store."""
    return RequestsOnFakes()


def test_a_request_makes_desired_record_and_execution(on_fakes: RequestsOnFakes) -> None:
    """The record has its origin, its time and its execution."""
    request = a_request(origin=RequestedBy.OPERATOR, attempt=2)

    id_ = on_fakes.requests.submit(request)

    assert deployment_id("iris", "1", NOON, attempt=2, installation="test") == id_
    assert Deployment(
        id=id_,
        model_id="iris",
        model_version="1",
        status=Status.PENDING,
        requested_at=NOON,
        origin=RequestedBy.OPERATOR,
        attempt=2,
        created_at=NOW,
        updated_at=NOW,
        execution_arn=on_fakes.workflow.execution_arn(id_),
    ) == on_fakes.record(id_)
    assert DesiredDeployment.of(on_fakes.record(id_)) == on_fakes.store.desired_deployments["iris"]
    assert [("iris", id_)] == on_fakes.workflow.started


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_newest_request_is_desired_in_any_order(
    on_fakes: RequestsOnFakes, order: tuple[int, ...]
) -> None:
    """Each has a record and an execution; those that are not desired end by themselves."""
    requests = [a_request(str(number + 1), after_s=number) for number in range(3)]

    ids = {number: on_fakes.requests.submit(requests[number]) for number in order}

    assert ids[2] == on_fakes.store.desired_deployments["iris"].deployment_id
    assert set(ids.values()) == on_fakes.store.deployments.keys()
    assert 3 == len(on_fakes.workflow.started)


def test_of_two_simultaneous_requests_the_same_one_wins() -> None:
    """In either order of arrival."""
    desired_deployments = []
    for versions in ("12", "21"):
        on_fakes = RequestsOnFakes()
        for version in versions:
            on_fakes.requests.submit(a_request(version))
        desired_deployments.append(on_fakes.store.desired_deployments["iris"])

    assert desired_deployments[0] == desired_deployments[1]


def test_the_same_request_twice_is_one_deployment(on_fakes: RequestsOnFakes) -> None:
    """Both return its id."""
    ids = {on_fakes.requests.submit(a_request()) for _ in range(3)}

    assert ids == on_fakes.store.deployments.keys()
    assert [("iris", *ids)] == on_fakes.workflow.started


def test_two_installations_have_separate_deployments(on_fakes: RequestsOnFakes) -> None:
    """Both receive the webhook of the same registration."""
    other = DeploymentRequests(
        on_fakes.store, on_fakes.workflow, installation="other", now=lambda: NOW
    )

    assert on_fakes.requests.submit(a_request()) != other.submit(a_request())


@pytest.mark.parametrize("status", [Status.DEPLOYED, Status.STOPPED, Status.FAILED])
def test_a_repeated_request_does_not_desire_an_ended_deployment(
    on_fakes: RequestsOnFakes, status: Status
) -> None:
    """A late delivery must not undo later decisions, e.g. that another version serves."""
    id_ = on_fakes.requests.submit(a_request("2", after_s=1))
    earlier = on_fakes.requests.submit(a_request("1"))
    on_fakes.store.update(on_fakes.record(id_), changed(on_fakes.record(id_), status=status))
    back = DesiredDeployment.of(on_fakes.record(earlier))
    on_fakes.store.set_desired(back, expected=on_fakes.store.desired_deployments["iris"])

    assert id_ == on_fakes.requests.submit(a_request("2", after_s=1))
    assert back == on_fakes.store.desired_deployments["iris"]


def test_an_older_request_does_not_undo_an_undeployment(on_fakes: RequestsOnFakes) -> None:
    """The model stays undeployed until a newer request."""
    nothing = DesiredDeployment(
        model_id="iris",
        deployment_id=None,
        model_version=None,
        requested_at=NOON,
        origin=RequestedBy.OPERATOR,
    )
    on_fakes.store.set_desired(nothing, expected=None)

    on_fakes.requests.submit(a_request(after_s=-1))
    assert nothing == on_fakes.store.desired_deployments["iris"]

    newer = on_fakes.requests.submit(a_request(after_s=1))
    assert newer == on_fakes.store.desired_deployments["iris"].deployment_id


def test_an_operators_request_has_the_alias_read_again(
    on_fakes: RequestsOnFakes,
) -> None:
    """It may have moved; the reconciler notes the version that it names."""
    on_fakes.requests.submit(a_request("2", registry_version="2"))
    on_fakes.requests.submit(a_request("1", after_s=1, origin=RequestedBy.OPERATOR))

    desired = on_fakes.store.desired_deployments["iris"]
    assert ("1", None) == (desired.model_version, desired.registry_version)


@pytest.mark.parametrize(
    ("after_s", "found_in", "deployments"),
    [(0, NOON, 1), (9, NOON, 1), (11, NOON, 2), (-1, NOON, 2), (9, None, 2)],
    ids=["at once", "soon", "much later", "before", "seen by another event"],
)
def test_a_registration_that_the_reconciler_saw_first_is_deployed_once(
    on_fakes: RequestsOnFakes, after_s: float, found_in: Any, deployments: int
) -> None:
    """Its webhook arrives a little later and requests the same."""
    seen = on_fakes.requests.submit_if(None, a_request(registered_at=found_in))

    heard = on_fakes.requests.submit(a_request(after_s=after_s))

    assert (1 == deployments) == (seen == heard)
    assert deployments == len(on_fakes.store.deployments)


def test_an_operator_may_deploy_again_at_once(on_fakes: RequestsOnFakes) -> None:
    """Also a version whose deployment the reconciler has just started."""
    on_fakes.requests.submit_if(None, a_request(registered_at=NOON))

    on_fakes.requests.submit(a_request(after_s=1, origin=RequestedBy.OPERATOR))

    assert 2 == len(on_fakes.store.deployments)


class CrashError(Exception):
    """Simulates the end of the function's process."""


def _before(on_fakes: RequestsOnFakes, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = on_fakes.workflow if step == "start" else on_fakes.store
    monkeypatch.setattr(owner, step, _dying)


def _dying(*_args: Any, **_named: Any) -> None:
    raise CrashError


def _after(on_fakes: RequestsOnFakes, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner: Any = on_fakes.workflow if step == "start" else on_fakes.store
    real = getattr(owner, step)

    def dying(*args: Any, **named: Any) -> None:
        real(*args, **named)
        raise CrashError

    monkeypatch.setattr(owner, step, dying)


@pytest.mark.parametrize("crash", [_before, _after])
@pytest.mark.parametrize("step", ["state", "set_desired", "add", "start"])
def test_a_crash_at_any_step_is_repaired_by_the_next_delivery(
    on_fakes: RequestsOnFakes,
    step: str,
    crash: Callable[[RequestsOnFakes, str, pytest.MonkeyPatch], None],
) -> None:
    """The crash may come before or after the step's effect."""
    with pytest.MonkeyPatch.context() as broken:
        crash(on_fakes, step, broken)
        with pytest.raises(CrashError):
            on_fakes.requests.submit(a_request())

    id_ = on_fakes.requests.submit(a_request())

    assert id_ == on_fakes.store.desired_deployments["iris"].deployment_id
    assert [id_] == list(on_fakes.store.deployments)
    assert [("iris", id_)] == on_fakes.workflow.started


def test_a_concurrent_change_of_the_desired_deployment_is_read_again(
    on_fakes: RequestsOnFakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newer request wins, whichever is written last."""
    before = on_fakes.store.state("iris")
    newer = on_fakes.requests.submit(a_request("2", after_s=1))
    monkeypatch.setattr(on_fakes.store, "state", lambda _model_id: before)

    on_fakes.requests.submit(a_request("1"))

    assert newer == on_fakes.store.desired_deployments["iris"].deployment_id


def test_a_conditional_request_may_be_older(on_fakes: RequestsOnFakes) -> None:
    """The reconciler knows the registry and may return to an earlier version."""
    on_fakes.requests.submit(a_request("2", after_s=1, registry_version="2"))
    seen = on_fakes.store.desired_deployments["iris"]

    id_ = on_fakes.requests.submit_if(seen, a_request("1"))

    assert id_ is not None
    assert (
        DesiredDeployment.of(on_fakes.record(id_), registry_version="2")
        == on_fakes.store.desired_deployments["iris"]
    )
    assert ("iris", id_) in on_fakes.workflow.started


def test_a_conditional_request_may_stand_in_for_an_operators(on_fakes: RequestsOnFakes) -> None:
    """The operator's request goes on; only its deployment is another one."""
    on_fakes.requests.submit(a_request("2", after_s=1, origin=RequestedBy.OPERATOR))
    asked = on_fakes.store.desired_deployments["iris"]

    id_ = on_fakes.requests.submit_if(asked, a_request("1"), asked=asked)

    assert replace(asked, deployment_id=id_) == on_fakes.store.desired_deployments["iris"]
    assert ("iris", id_) in on_fakes.workflow.started


def test_a_conditional_request_on_outdated_state_is_refused(on_fakes: RequestsOnFakes) -> None:
    """Nothing is written, because somebody else has decided since."""
    standing = on_fakes.requests.submit(a_request())
    other = replace(on_fakes.store.desired_deployments["iris"], deployment_id="other")

    for seen in (None, other):
        assert on_fakes.requests.submit_if(seen, a_request("2", after_s=1)) is None

    assert standing == on_fakes.store.desired_deployments["iris"].deployment_id
    assert [standing] == list(on_fakes.store.deployments)
    assert [("iris", standing)] == on_fakes.workflow.started
