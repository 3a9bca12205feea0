"""Which versions are compared with the live one: by tag, by setting, and by what has served."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.agreement import AgreementMode, AgreementRecord
from functions.common.deployments.policy import BreakingChanges
from functions.common.deployments.record import Deployment, Status
from tests.builders import NOON, a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.unit.provision.tasks.validating import validate

OFF, REPORT, HOLD = AgreementMode
NEW = a_deployment(
    model_version="2", status=Status.PENDING, requested_at=NOON + timedelta(minutes=1)
)
LIVE = a_deployment(status=Status.DEPLOYED, registered_at=NOON)


def compared(
    tag: str | None = None,
    *,
    setting: AgreementMode = OFF,
    earlier: tuple[Deployment, ...] = (LIVE,),
) -> AgreementRecord:
    """Validate version 2; return the comparison that is before it."""
    store = FakeDeploymentStore(*earlier, NEW)
    outcome = _validate(store, tag, setting)
    assert "valid" == outcome.name, outcome.reason
    return store.deployments[NEW.id].agreement


def _validate(store: FakeDeploymentStore, tag: str | None, setting: AgreementMode) -> Any:
    tags = {} if tag is None else {"hokus.agreement": tag}
    registry = FakeModelRegistry(a_version(), a_version(version="2", tags=tags))
    return validate(
        registry,
        store,
        deployment=NEW,
        agreement=setting,
        breaking_changes=BreakingChanges.ALLOWED,
    )


@pytest.mark.parametrize(
    ("tag", "setting", "mode"),
    [
        (None, OFF, None),
        (None, REPORT, REPORT),
        ("hold", OFF, HOLD),
        (" Report ", HOLD, REPORT),
        ("off", HOLD, None),
        ("hold: 247 of 250 calls agree with version 3", OFF, HOLD),
        ("report: no call could be compared with version 3", HOLD, REPORT),
    ],
)
def test_the_tag_counts_before_the_setting(
    tag: str | None, setting: AgreementMode, mode: AgreementMode | None
) -> None:
    """By its first word, behind which the outcome of an earlier comparison may stand."""
    assert AgreementRecord(mode=mode) == compared(tag, setting=setting)


@pytest.mark.parametrize("tag", ["", "hold!", "yes", ": 3 of 4"])
def test_a_tag_that_is_none_of_the_words_fails_the_version(tag: str) -> None:
    """A guard that is misspelt would guard nothing."""
    outcome = _validate(FakeDeploymentStore(LIVE, NEW), tag, OFF)

    assert ("failed", False) == (outcome.name, outcome.retryable)
    assert "It can be `off`, `report`, `hold`." in outcome.reason


def test_where_nothing_is_live_there_is_nothing_to_compare() -> None:
    """The first version goes live as it always did."""
    assert AgreementRecord() == compared("hold", earlier=())


def test_a_version_that_has_served_is_not_compared_again() -> None:
    """Whoever takes it back is in a hurry, and what is live now may be what is bad."""
    served = changed(
        NEW,
        id="d-earlier",
        status=Status.STOPPED,
        registered_at=a_version(version="2").registered_at,
        timeline=NEW.timeline_with("activate", "activated", at=NOON),
        removing=True,
    )

    assert AgreementRecord() == compared("hold", earlier=(LIVE, served))
