"""The tag by which a person asks for a comparison, and the outcome that is written to it."""

from typing import Any

import pytest

from functions.common.deployments.agreement import AgreementMode, AgreementResult
from functions.common.deployments.record import Deployment, Status
from functions.provision.registry.tags import AGREEMENT
from tests.builders import NOON, a_deployment, changed
from tests.unit.provision.registry.test_tags import listed, state_of, untrue

OUTCOME = "hold: 247 of 250 calls agree with version 3"


def compared(status: Status = Status.DEPLOYED) -> Deployment:
    """Return a deployment that was compared before it came to *status*."""
    result = AgreementResult(
        mode=AgreementMode.HOLD, version="3", calls=250, agreeing=247, held=status is Status.FAILED
    )
    deployment = a_deployment(status=status, registered_at=NOON, reason="Too far off.")
    timeline = deployment.timeline_with("agree", OUTCOME, at=NOON, agreement=result)
    return changed(deployment, timeline=timeline)


def written(deployment: Deployment, **tags: Any) -> object:
    """Return the tag as it is to be written; the text `nothing` when it is left as it is."""
    (wrong,) = untrue(state_of(deployment), listed(**tags)).values()
    return wrong.get(AGREEMENT, "nothing")


@pytest.mark.parametrize("status", [Status.DEPLOYED, Status.FAILED])
def test_the_outcome_is_written_behind_the_word(status: Status) -> None:
    """Of a version that was held back as well as of one that went live."""
    assert OUTCOME == written(compared(status), hokus_agreement="hold")


def test_an_outcome_is_written_where_the_setting_asked_for_it() -> None:
    """There was no tag."""
    assert OUTCOME == written(compared())


def test_an_outcome_is_written_once() -> None:
    """What stands there is the outcome."""
    assert "nothing" == written(compared(), hokus_agreement=OUTCOME)


def test_an_older_outcome_is_replaced() -> None:
    """Of the same version's comparison before."""
    assert OUTCOME == written(compared(), hokus_agreement="hold: 1 of 20 calls agree with 2")


@pytest.mark.parametrize("word", ["off", "report", "Report: as before"])
def test_another_word_is_left(word: str) -> None:
    """Somebody asks for something else the next time."""
    assert "nothing" == written(compared(), hokus_agreement=word)


@pytest.mark.parametrize("word", ["hold", OUTCOME])
def test_a_tag_is_never_taken_away(word: str) -> None:
    """Without a comparison it is a person's, and the overview knows no outcomes."""
    plain = a_deployment(status=Status.DEPLOYED, registered_at=NOON)

    assert "nothing" == written(plain, hokus_agreement=word)
