"""Every alarm of the production template would be raised by the data that it is there for."""

import pytest

from tests.infra.monitoring.alarm_state import ALARM, OK, composite_state, state_of
from tests.infra.monitoring.series import CASES, COMPOSITES
from tests.infra.monitoring.watched import (
    ALARM_TYPE,
    alarms_of,
    composites_of,
    name_of,
    parts_of,
)
from tests.infra.synthesized import Synthesized


def test_every_alarm_has_made_up_data(production: Synthesized) -> None:
    """A new alarm needs a series that raises it, and one that does not."""
    assert CASES.keys() == alarms_of(production).keys()
    assert COMPOSITES.keys() == composites_of(production).keys()


@pytest.mark.parametrize("name", CASES)
def test_the_alarm_is_raised(production: Synthesized, name: str) -> None:
    assert ALARM == state_of(alarms_of(production)[name], CASES[name].fires)


@pytest.mark.parametrize("name", CASES)
def test_the_alarm_is_not_raised(production: Synthesized, name: str) -> None:
    """By less of the same, once less often, or among too few calls."""
    assert OK == state_of(alarms_of(production)[name], CASES[name].quiet)


@pytest.mark.parametrize("name", CASES)
def test_the_alarm_ends(production: Synthesized, name: str) -> None:
    """A raised alarm does not stay for want of data; those on the budget do until the next run."""
    alarm, quiet = alarms_of(production)[name], CASES[name].quiet
    later = {id_: [*values, *[None] * 6, values[-1]] for id_, values in quiet.items()}
    if alarm["TreatMissingData"] == "breaching":
        later = quiet  # type: ignore[assignment]

    assert OK == state_of(alarm, later, before=ALARM)


@pytest.mark.parametrize("name", COMPOSITES)
def test_an_objective_is_at_risk_when_both_windows_and_enough_calls_say_so(
    production: Synthesized, name: str
) -> None:
    """The short window alone is a moment, the long one alone is over, and few calls are chance."""
    alarms = alarms_of(production)
    ids = {name_of(each["Properties"]): id_ for id_, each in production.all(ALARM_TYPE)}
    rule, parts = parts_of(production, composites_of(production)[name])
    raised = {part: state_of(alarms[part], CASES[part].fires) for part in parts}

    assert set(COMPOSITES[name]) == parts
    assert ALARM == composite_state(rule, {ids[part]: state for part, state in raised.items()})
    for quiet in parts:
        states = raised | {quiet: state_of(alarms[quiet], CASES[quiet].quiet)}
        assert OK == composite_state(rule, {ids[part]: state for part, state in states.items()})
