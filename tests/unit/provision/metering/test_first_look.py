"""An endpoint that is looked at for the first time when it has stood for long."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.providers.base import EndpointState
from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.world import served, serving_world


def dollars_after_40_hours(**seen: Any) -> float:
    """Return what is charged for an endpoint that was created 40 hours ago and is *seen* so."""
    world = serving_world("iris")
    world.have(replace(endpoint_of(served("iris")), created_at=world.now, **seen))
    world.now += timedelta(hours=40)
    world.run()
    return world.ledger.month("iris", "2026-11").usd


def test_it_is_charged_since_it_stands() -> None:
    assert 40 * 0.067 == pytest.approx(dollars_after_40_hours())


def test_one_that_was_paused_is_charged_until_then() -> None:
    """The provider says when it was changed last."""
    paused_at = serving_world("iris").now + timedelta(hours=30)

    charged = dollars_after_40_hours(state=EndpointState.PAUSED, updated_at=paused_at)

    assert 30 * 0.067 == pytest.approx(charged)


def test_one_that_rests_nobody_knows_since_when_is_charged_from_now_on() -> None:
    assert 0 == dollars_after_40_hours(state=EndpointState.PAUSED, updated_at=None)
