"""Whatever happens on the way: when it is over, what is deployed is what is requested."""

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from functions.common.deployments.policy import DeployPolicy
from tests.fakes.provider.endpoints import Fate, Quality
from tests.infra.synthesized import template_of
from tests.infra.workflow_run import definition
from tests.progress import Progress
from tests.simulation import expected, final_checks
from tests.simulation.invariants import check_always
from tests.simulation.meddling import Meddling
from tests.simulation.moody import MoodyVersions
from tests.simulation.oddities import MISTYPED, SPOILT, lose_memory, mistype, spoil
from tests.simulation.renaming import NAMES, Renaming
from tests.simulation.spending import Calling, dollars_are_those_of_the_provider
from tests.simulation.world import World

HISTORIES = int(os.environ.get("HISTORIES", "1000"))
MODELS = ("iris", "wine")
MOST_ARE_GOOD = st.sampled_from([Quality.GOOD] * 4 + [each for each in Quality if each != "good"])


class Histories(Renaming, Calling, MoodyVersions, Meddling):
    """Everything that people, networks, processes and the provider can do, in any order."""

    machine: ClassVar[dict[str, Any]]
    progress: ClassVar[Progress]

    @initialize(
        by_alias=st.booleans(),
        spoilt=st.booleans(),
        agreement=st.sampled_from(["off", "report", "hold"]),
    )
    def begin(self, by_alias: bool, spoilt: bool, agreement: str) -> None:
        policy = DeployPolicy(expected.ALIAS if by_alias else None)
        self.world = World(self.machine, policy, agreement)
        if spoilt:
            spoil(self.world)

    @rule(model=st.sampled_from(MODELS), quality=MOST_ARE_GOOD, named=st.booleans())
    def register(self, model: str, quality: Quality, named: bool) -> None:
        self._register(model, quality, named=named)

    @rule(
        model=st.sampled_from(MODELS),
        quality=MOST_ARE_GOOD,
        named=st.booleans(),
        settled=st.booleans(),
    )
    def register_and_deliver(
        self, model: str, quality: Quality, named: bool, settled: bool
    ) -> None:
        """The ordinary course of things."""
        self._register(model, quality, named=named)
        while self.world.outbox:
            before = len(self.world.outbox)
            self.world.deliver(0)
            if len(self.world.outbox) == before:
                return
        if settled:
            self.world.settle(120)

    def _register(self, model: str, quality: Quality, *, named: bool) -> None:
        self.world.register(model, quality, opt_out=False)
        if named:
            self.world.move_alias(model, self._versions(model)[-1])

    @rule(model=st.sampled_from(MODELS), told=st.booleans())
    def reincarnate(self, model: str, told: bool) -> None:
        """The same name and numbers again, for something else."""
        if self._versions(model):
            self.world.delete(model, None)
            self.world.now += timedelta(milliseconds=5)
            self._register(model, Quality.GOOD, named=True)
            if not told:
                del self.world.outbox[-2:]

    @rule(model=st.sampled_from(MODELS))
    def register_opted_out(self, model: str) -> None:
        self.world.register(model, Quality.GOOD, opt_out=True)

    @rule(model=st.sampled_from(MODELS), whole=st.booleans(), data=st.data())
    def delete(self, model: str, whole: bool, data: st.DataObject) -> None:
        version = self._any_version(data, model)
        if version:
            self.world.delete(model, None if whole else version)
            self.world.now += timedelta(milliseconds=5)

    @rule(model=st.sampled_from(MODELS), data=st.data())
    def move_alias(self, model: str, data: st.DataObject) -> None:
        version = self._any_version(data, model)
        if version:
            self.world.move_alias(model, version)

    @rule(model=st.sampled_from(MODELS))
    def delete_alias(self, model: str) -> None:
        if self._versions(model):
            self.world.move_alias(model, None)

    @rule(
        model=st.sampled_from(MODELS),
        value=st.sampled_from(["false", "true", None]),
        data=st.data(),
    )
    def tag(self, model: str, value: str | None, data: st.DataObject) -> None:
        version = self._any_version(data, model)
        if version:
            self.world.tag(model, version, value)

    @rule(model=st.sampled_from(MODELS), undeploy=st.booleans(), data=st.data())
    def operate(self, model: str, undeploy: bool, data: st.DataObject) -> None:
        version = self._any_version(data, model)
        if version:
            self.world.operate(model, None if undeploy else version)

    @rule()
    def operate_on_a_name_that_mlflow_never_had(self) -> None:
        mistype(self.world)

    @precondition(lambda self: self.world.outbox)
    @rule(data=st.data(), fate=st.sampled_from(["once", "once", "twice", "dropped"]))
    def webhook(self, data: st.DataObject, fate: str) -> None:
        """Delivered, in any order, now or later, once, twice or never."""
        index = data.draw(st.integers(0, len(self.world.outbox) - 1))
        if fate == "dropped":
            del self.world.outbox[index]
        else:
            self.world.deliver(index, keep=fate == "twice")

    @precondition(lambda self: self.world.workflow.running())
    @rule(data=st.data(), steps=st.integers(1, 12))
    def work(self, data: st.DataObject, steps: int) -> None:
        running = self.world.workflow.running()
        execution = data.draw(st.sampled_from(running))
        for _ in range(steps):
            if execution.is_running:
                self.world.step(execution)

    @precondition(lambda self: self.world.workflow.running())
    @rule(data=st.data())
    def abort(self, data: st.DataObject) -> None:
        """An execution that somebody stops, or that runs out of its time."""
        data.draw(st.sampled_from(self.world.workflow.running())).status = "ABORTED"

    @rule(for_s=st.sampled_from([60, 300, 3_600]))
    def settle(self, for_s: float) -> None:
        self.world.settle(for_s)

    @rule()
    def reconcile(self) -> None:
        self.world.reconcile()

    @precondition(lambda self: self.world.asked.requested)
    @rule(lost=st.booleans())
    def asked(self, lost: bool) -> None:
        model = self.world.asked.requested.pop(0)
        if not lost:
            self.world.reconcile(model)

    @rule(seconds=st.sampled_from([1, 30, 90, 1_000, 100_000]))
    def time_passes(self, seconds: int) -> None:
        self.world.now += timedelta(seconds=seconds)

    @rule(
        countdown=st.integers(1, 12),
        moment=st.sampled_from(["before", "after"]),
        crash=st.booleans(),
    )
    def accident(self, countdown: int, moment: Any, crash: bool) -> None:
        self.world.break_at(countdown, moment, crash=crash)

    @rule(moment=st.sampled_from(["before", "after"]), crash=st.booleans())
    def long_outage(self, moment: Any, crash: bool) -> None:
        """More failures in a row than a task has retries."""
        for countdown in range(1, 15):
            self.world.break_at(countdown, moment, crash=crash)

    @rule(named=st.booleans())
    def outage_at_activation(self, named: bool) -> None:
        """A version is on its way, and what makes it live loses every answer."""
        self.register_and_deliver("iris", Quality.GOOD, named=named, settled=False)
        for execution in self.world.workflow.running():
            while execution.is_running and execution.at not in {"Activate", "ReconcileEnded"}:
                self.world.step(execution)
        for countdown in range(1, 9):
            self.world.break_at(countdown, "after", crash=True)

    @rule()
    def memory_is_lost(self) -> None:
        lose_memory(self.world)

    @rule()
    def history_expires(self) -> None:
        """After the retention, which is skipped here."""
        self.world.expire()

    @rule(fate=st.sampled_from(Fate))
    def misfortune(self, fate: Fate) -> None:
        self.world.provider.next_fate = fate

    @rule(seconds=st.sampled_from([0, 2, 60]))
    def deletions_take(self, seconds: int) -> None:
        self.world.provider.deletion = timedelta(seconds=seconds)

    @invariant()
    def what_must_always_hold(self) -> None:
        if hasattr(self, "world"):
            check_always(self.world)

    def teardown(self) -> None:
        """The faults stop, what is under way comes to its end, and one reconciliation runs."""
        if not hasattr(self, "world"):
            return
        world = self.world
        self._count("histories", 1)
        self.progress.step()
        self._count("accidents", world.accidents.happened)
        world.accidents.stop()
        world.provider.next_fate = None
        world.provider.deletion = timedelta(seconds=2)
        while world.outbox:
            world.deliver(0)
        world.settle()
        world.set_budget(0)
        # Longer than the longest pause between two tries.
        world.now += timedelta(days=2)
        assert world.reconcile()
        world.settle()
        world.now += timedelta(minutes=2)
        self._count("deployments", len(world.store.deployments))
        self._count("comparisons", final_checks.comparisons(world))
        assert MISTYPED not in world.store.desired_deployments
        for model in sorted({*NAMES, *world.store.desired_deployments} - {SPOILT}):
            final_checks.serves_what_is_desired(world, model)
        final_checks.registry_shows_what_serves(world)
        final_checks.nothing_is_left_over(world)
        final_checks.everything_has_ended(world)
        final_checks.everything_is_announced(world)
        final_checks.nothing_is_left_to_do(world)
        dollars_are_those_of_the_provider(world)


@pytest.fixture
def histories() -> Iterator[type[Histories]]:
    """On the state machine that is deployed; millions of log lines would be most of the time."""
    Histories.machine = definition(template_of("production"))
    Histories.seen.clear()
    logging.disable(logging.CRITICAL)
    yield Histories
    logging.disable(logging.NOTSET)


def test_reality_follows_the_registry_after_any_history(
    histories: type[Histories], capsys: pytest.CaptureFixture[str]
) -> None:
    """The five invariants of the design, whatever was lost, doubled, late or broken."""
    histories.progress = Progress(HISTORIES, capsys)
    run_state_machine_as_test(
        histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=30,
            derandomize="HISTORIES" not in os.environ,
            database=None,
            print_blob=True,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    counts = ", ".join(f"{n:,} {what}" for what, n in histories.seen.items())
    histories.progress.write(f"\n{counts} ")
    assert HISTORIES <= histories.seen["histories"]
    assert HISTORIES // 20 <= histories.seen["rollbacks"]
