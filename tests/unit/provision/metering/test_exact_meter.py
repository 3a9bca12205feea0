"""Whenever the reconciler looks, twice or not at all: it charges what an exact meter would.

What happens between two looks is known by the provider's times, the record, and the calls.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.deployments.store import ModelState
from functions.common.ledger.model_month import ModelMonth
from functions.common.ledger.months import month_of
from functions.common.ledger.store import NOBODY
from functions.provision.metering.meter import Meter
from tests.builders import NOON
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.ledger import FakeLedger
from tests.fakes.price_list import FakePriceList
from tests.unit.provision.metering.scripted import USD_PER_HOUR, Kind, ScriptedEndpoint

PERIOD = timedelta(minutes=15)
LEAST = timedelta(minutes=46)
"""Longer than two periods and a late run: no stretch is unseen, though every other run breaks."""
A_MINUTE_USD = USD_PER_HOUR / 60


class CrashError(Exception):
    """The run is over, in the middle of it."""


class CrashingLedger(FakeLedger):
    """Breaks at the next write, before or after it, as `crashes` says."""

    crashes: str = ""

    def write(self, *changed: ModelMonth) -> bool:
        if self.crashes == "before":
            raise CrashError
        done = super().write(*changed)
        if self.crashes == "after":
            raise CrashError
        return done


class Runs:
    """A reconciler's looks at one endpoint."""

    def __init__(self, endpoint: ScriptedEndpoint) -> None:
        self.endpoint, self.now = endpoint, NOON
        self.ledger = CrashingLedger()
        self.store = FakeDeploymentStore(now=lambda: self.now)
        self.circuits = FakeCircuitStateStore()
        self.meter = Meter(
            ledger=self.ledger,
            store=self.store,
            circuits=self.circuits,
            prices=FakePriceList(),
            now=lambda: self.now,
        )

    def look(self, *, crashes: str = "", doubled: bool = False) -> Mapping[str, ModelMonth]:
        """Reconcile, twice if *doubled*; return what is reported at last."""
        record = self.endpoint.record(self.now)
        self.store.deployments = {record.id: record}
        self.circuits.kept = {record.id: self.endpoint.circuit(self.now)}
        seen = self.endpoint.seen(self.now)
        endpoints = {seen.name: seen} if seen else {}
        states: dict[str, ModelState] = {"iris": self.store.state("iris")}
        self.ledger.crashes = crashes
        # What breaks with one model is logged.
        for _ in range(doubled):
            self.meter.measure(states, endpoints, every_model=True)
        return self.meter.measure(states, endpoints, every_model=True)

    @property
    def usd(self) -> float:
        months = {month for _, month in self.ledger.kept}
        return sum(self.ledger.month("iris", month).usd for month in months)


@st.composite
def lives(draw: st.DrawFn) -> ScriptedEndpoint:
    sleeper = draw(st.booleans())
    stretches: list[tuple[Kind, timedelta]] = []
    for index in range(draw(st.integers(1, 7))):
        rest: Kind = draw(st.sampled_from(["asleep", "paused"])) if sleeper else "paused"
        kind: Kind = "running" if index % 2 == 0 else rest
        minutes = draw(st.integers(0, 600))
        stretches.append((kind, LEAST + timedelta(minutes=minutes)))
    offset = timedelta(seconds=draw(st.integers(0, 20 * 24 * 3600)))
    return ScriptedEndpoint(NOON - timedelta(days=10) + offset, stretches, sleeper)


def run_times(start: datetime, end: datetime, delays: Sequence[int]) -> Sequence[datetime]:
    """Return a time in each period from *start* to *end*, some seconds late."""
    count = int((end - start) / PERIOD) + 3
    return [
        start + index * PERIOD + timedelta(seconds=delays[index % len(delays)])
        for index in range(count)
    ]


@settings(max_examples=200, deadline=None)
@given(
    endpoint=lives(),
    delays=st.lists(st.integers(0, 60), min_size=1, max_size=20),
    faults=st.lists(st.sampled_from(["", "", "before", "after", "doubled"]), max_size=50),
)
def test_the_ledger_charges_what_an_exact_meter_would(
    endpoint: ScriptedEndpoint, delays: list[int], faults: list[str]
) -> None:
    """To 1 % or a minute, over months' ends, crashes and doubled runs."""
    runs = Runs(endpoint)
    fault_before = ""
    for index, moment in enumerate(run_times(endpoint.created_at, endpoint.gone_at, delays)):
        runs.now = moment
        fault = faults[index % len(faults)] if faults else ""
        crashes = fault if fault in {"before", "after"} and not fault_before else ""
        runs.look(crashes=crashes, doubled=fault == "doubled")
        fault_before = crashes
    runs.now += PERIOD
    runs.look()

    exact = endpoint.usd_until(endpoint.gone_at)
    assert exact == pytest.approx(runs.usd, rel=0.01, abs=A_MINUTE_USD)
    settled = runs.usd
    for _ in range(3):
        runs.now += timedelta(days=9)
        runs.look()
    assert settled == pytest.approx(runs.usd)


@settings(max_examples=50, deadline=None)
@given(endpoint=lives(), order=st.permutations(range(8)))
def test_runs_that_overtake_each_other_charge_no_time_twice(
    endpoint: ScriptedEndpoint, order: list[int]
) -> None:
    """A run that is late, and knows less, changes nothing."""
    runs = Runs(endpoint)
    span = endpoint.gone_at - endpoint.created_at
    for index in order:
        runs.now = endpoint.created_at + span * (index / 8)
        runs.look()

    assert runs.usd <= endpoint.usd_until(endpoint.gone_at) + _unseen(endpoint)


def _unseen(endpoint: ScriptedEndpoint) -> float:
    """Return what it would have cost while it slept or was paused, which few looks may not see."""
    hours = sum(
        (length for kind, length in endpoint.stretches if kind != "running"), timedelta()
    ) / timedelta(hours=1)
    return hours * USD_PER_HOUR + A_MINUTE_USD


def test_of_two_runs_at_once_one_charges() -> None:
    """Both have read the same month; what the slower one reports is what the faster one wrote."""
    created_at = NOON - timedelta(hours=2)
    endpoint = ScriptedEndpoint(created_at, [("running", timedelta(days=3))], False)
    runs = Runs(endpoint)
    stale = runs.ledger.months(["iris", NOBODY], ["2026-10", "2026-11"])
    runs.look()
    read, first = runs.ledger.months, iter([stale])
    runs.ledger.months = lambda *asked: next(first, None) or read(*asked)  # type: ignore[method-assign]
    runs.now += timedelta(minutes=1)
    reported = runs.look()

    assert 2 * USD_PER_HOUR == pytest.approx(runs.usd)
    assert runs.usd == pytest.approx(reported["iris"].usd)


def test_a_month_ends_between_two_looks() -> None:
    """Each month is charged for its part."""
    created_at = NOON.replace(day=30, hour=22)
    runs = Runs(ScriptedEndpoint(created_at, [("running", timedelta(days=3))], False))
    runs.now = created_at + timedelta(minutes=90)
    runs.look()
    runs.now = created_at + timedelta(hours=5)
    runs.look()

    assert "2026-12" == month_of(runs.now)
    assert 2 * USD_PER_HOUR == pytest.approx(runs.ledger.month("iris", "2026-11").usd)
    assert 3 * USD_PER_HOUR == pytest.approx(runs.ledger.month("iris", "2026-12").usd)


def test_an_endpoint_that_came_and_went_between_two_looks_is_charged_once() -> None:
    """By its record alone, from its creation to its deletion."""
    made = ScriptedEndpoint(NOON, [("running", timedelta(minutes=9))], False)
    timeline = made.deployment.timeline_with("create", "created", at=NOON)
    deployment = made.deployment
    object.__setattr__(deployment, "timeline", timeline)
    runs = Runs(made)
    for minutes in (12, 27, 42):
        runs.now = NOON + timedelta(minutes=minutes)
        runs.look()

    assert 9 * A_MINUTE_USD == pytest.approx(runs.usd)
