"""From a request to record and execution: in any order, twice, and after crashes."""

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
    """For a version of `iris`, made this long after noon."""
    return DeployRequest(
        model_id="iris",
        model_version=version,
        requested_at=NOON + timedelta(seconds=after_s),
        **changes,
    )


class Accepting:
    """An requests and where it writes."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore()
        self.workflow = FakeWorkflow()
        self.requests = DeploymentRequests(
            self.store, self.workflow, installation="test", now=lambda: NOW
        )

    def record(self, id_: str) -> Deployment:
        """What was written of the deployment."""
        return self.store.deployments[id_]


@pytest.fixture
def accepting() -> Accepting:
    """Without any model."""
    return Accepting()


def test_a_wish_becomes_target_record_and_execution(accepting: Accepting) -> None:
    """The record says who requested it, when, and what works on it."""
    request = a_request(origin=RequestedBy.OPERATOR, attempt=2)

    id_ = accepting.requests.submit(request)

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
        execution_arn=accepting.workflow.execution_arn(id_),
    ) == accepting.record(id_)
    assert (
        DesiredDeployment.of(accepting.record(id_)) == accepting.store.desired_deployments["iris"]
    )
    assert [("iris", id_)] == accepting.workflow.started


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_newest_wish_is_the_target_whatever_the_order(
    accepting: Accepting, order: tuple[int, ...]
) -> None:
    """Every one has its record and execution; those that are not the desired end by themselves."""
    requests = [a_request(str(number + 1), after_s=number) for number in range(3)]

    ids = {number: accepting.requests.submit(requests[number]) for number in order}

    assert ids[2] == accepting.store.desired_deployments["iris"].deployment_id
    assert set(ids.values()) == accepting.store.deployments.keys()
    assert 3 == len(accepting.workflow.started)


def test_of_two_wishes_of_the_same_time_one_wins_in_either_order() -> None:
    """The same one, so that nothing depends on who comes last."""
    desired_deployments = []
    for versions in ("12", "21"):
        accepting = Accepting()
        for version in versions:
            accepting.requests.submit(a_request(version))
        desired_deployments.append(accepting.store.desired_deployments["iris"])

    assert desired_deployments[0] == desired_deployments[1]


def test_the_same_wish_twice_does_its_work_once(accepting: Accepting) -> None:
    """And has the same answer."""
    ids = {accepting.requests.submit(a_request()) for _ in range(3)}

    assert ids == accepting.store.deployments.keys()
    assert [("iris", *ids)] == accepting.workflow.started


def test_two_installations_have_deployments_of_their_own(accepting: Accepting) -> None:
    """Both hear of the same registration."""
    other = DeploymentRequests(
        accepting.store, accepting.workflow, installation="other", now=lambda: NOW
    )

    assert accepting.requests.submit(a_request()) != other.submit(a_request())


@pytest.mark.parametrize("status", [Status.DEPLOYED, Status.STOPPED, Status.FAILED])
def test_a_wish_that_has_come_to_its_end_is_not_aimed_at_again(
    accepting: Accepting, status: Status
) -> None:
    """A late delivery must not undo what was decided since, e.g. that another one serves."""
    id_ = accepting.requests.submit(a_request("2", after_s=1))
    earlier = accepting.requests.submit(a_request("1"))
    accepting.store.update(accepting.record(id_), changed(accepting.record(id_), status=status))
    back = DesiredDeployment.of(accepting.record(earlier))
    accepting.store.set_desired(back, expected=accepting.store.desired_deployments["iris"])

    assert id_ == accepting.requests.submit(a_request("2", after_s=1))
    assert back == accepting.store.desired_deployments["iris"]


def test_an_older_wish_does_not_bring_back_what_was_withdrawn(accepting: Accepting) -> None:
    """A model that was undeployed stays so until something newer is requested."""
    nothing = DesiredDeployment(
        model_id="iris",
        deployment_id=None,
        model_version=None,
        requested_at=NOON,
        origin=RequestedBy.OPERATOR,
    )
    accepting.store.set_desired(nothing, expected=None)

    accepting.requests.submit(a_request(after_s=-1))
    assert nothing == accepting.store.desired_deployments["iris"]

    newer = accepting.requests.submit(a_request(after_s=1))
    assert newer == accepting.store.desired_deployments["iris"].deployment_id


def test_what_the_alias_names_is_to_be_looked_at_when_an_operator_speaks(
    accepting: Accepting,
) -> None:
    """It may have moved since the last event; the reconciler notes what it names now."""
    accepting.requests.submit(a_request("2", registry_version="2"))
    accepting.requests.submit(a_request("1", after_s=1, origin=RequestedBy.OPERATOR))

    desired = accepting.store.desired_deployments["iris"]
    assert ("1", None) == (desired.model_version, desired.registry_version)


@pytest.mark.parametrize(
    ("after_s", "found_in", "deployments"),
    [(0, NOON, 1), (9, NOON, 1), (11, NOON, 2), (-1, NOON, 2), (9, None, 2)],
    ids=["at once", "soon", "much later", "before", "seen by another event"],
)
def test_a_registration_that_the_reconciler_saw_first_is_deployed_once(
    accepting: Accepting, after_s: float, found_in: Any, deployments: int
) -> None:
    """Its event comes a little after the registration itself, and means the same."""
    seen = accepting.requests.submit_if(None, a_request(registered_at=found_in))

    heard = accepting.requests.submit(a_request(after_s=after_s))

    assert (1 == deployments) == (seen == heard)
    assert deployments == len(accepting.store.deployments)


def test_an_operator_may_deploy_again_at_once(accepting: Accepting) -> None:
    """What the reconciler has just begun, too."""
    accepting.requests.submit_if(None, a_request(registered_at=NOON))

    accepting.requests.submit(a_request(after_s=1, origin=RequestedBy.OPERATOR))

    assert 2 == len(accepting.store.deployments)


class CrashError(Exception):
    """The function dies."""


def _before(accepting: Accepting, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = accepting.workflow if step == "start" else accepting.store
    monkeypatch.setattr(owner, step, _dying)


def _dying(*_args: Any, **_named: Any) -> None:
    raise CrashError


def _after(accepting: Accepting, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner: Any = accepting.workflow if step == "start" else accepting.store
    real = getattr(owner, step)

    def dying(*args: Any, **named: Any) -> None:
        real(*args, **named)
        raise CrashError

    monkeypatch.setattr(owner, step, dying)


@pytest.mark.parametrize("crash", [_before, _after])
@pytest.mark.parametrize("step", ["state", "set_desired", "add", "start"])
def test_a_crash_at_any_step_is_made_good_by_the_next_delivery(
    accepting: Accepting,
    step: str,
    crash: Callable[[Accepting, str, pytest.MonkeyPatch], None],
) -> None:
    """Whether the step was carried out or not."""
    with pytest.MonkeyPatch.context() as broken:
        crash(accepting, step, broken)
        with pytest.raises(CrashError):
            accepting.requests.submit(a_request())

    id_ = accepting.requests.submit(a_request())

    assert id_ == accepting.store.desired_deployments["iris"].deployment_id
    assert [id_] == list(accepting.store.deployments)
    assert [("iris", id_)] == accepting.workflow.started


def test_a_target_that_changes_meanwhile_is_looked_at_again(
    accepting: Accepting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two that accept at once, the newer request stands whoever writes last."""
    before = accepting.store.state("iris")
    newer = accepting.requests.submit(a_request("2", after_s=1))
    monkeypatch.setattr(accepting.store, "state", lambda _model_id: before)

    accepting.requests.submit(a_request("1"))

    assert newer == accepting.store.desired_deployments["iris"].deployment_id


def test_who_knows_better_is_not_bound_by_times(accepting: Accepting) -> None:
    """The reconciler has the registry in view: a version from before can be the requested one."""
    accepting.requests.submit(a_request("2", after_s=1, registry_version="2"))
    seen = accepting.store.desired_deployments["iris"]

    id_ = accepting.requests.submit_if(seen, a_request("1"))

    assert id_ is not None
    assert (
        DesiredDeployment.of(accepting.record(id_), registry_version="2")
        == accepting.store.desired_deployments["iris"]
    )
    assert ("iris", id_) in accepting.workflow.started


def test_who_has_seen_another_target_is_refused(accepting: Accepting) -> None:
    """And nothing is written: somebody has decided something else meanwhile."""
    standing = accepting.requests.submit(a_request())
    other = replace(accepting.store.desired_deployments["iris"], deployment_id="other")

    for seen in (None, other):
        assert accepting.requests.submit_if(seen, a_request("2", after_s=1)) is None

    assert standing == accepting.store.desired_deployments["iris"].deployment_id
    assert [standing] == list(accepting.store.deployments)
    assert [("iris", standing)] == accepting.workflow.started
