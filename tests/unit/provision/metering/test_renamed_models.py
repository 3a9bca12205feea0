"""Dollars of a model that was renamed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.unit.provision.endpoints import endpoint_of
from tests.unit.provision.reconciliation.test_renames import renamed_world
from tests.unit.provision.reconciliation.world import served


def test_its_dollars_go_to_the_new_name() -> None:
    """Of the month so far; together they are what one endpoint costs."""
    world = renamed_world()
    before = endpoint_of(served("iris"))
    world.have(replace(before, created_at=world.now))
    world.now += timedelta(hours=10)
    world.run()
    assert 0.67 == pytest.approx(world.ledger.month("iris", "2026-11").usd)

    world.now += timedelta(hours=10)
    world.run()

    assert 0 == world.ledger.month("iris", "2026-11").usd
    assert 1.34 == pytest.approx(world.ledger.month("flower", "2026-11").usd)
