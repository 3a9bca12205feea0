"""Calls of models, and what must hold of dollars: as the provider's own meter counts them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from functions.common.circuits.state import CircuitState
from functions.common.outcomes.counts import CallCounts, quarter_of
from functions.common.providers.base import EndpointState
from tests.fakes.provider.endpoints import Quality
from tests.simulation.world import World

USD_PER_HOUR = 0.067
SLACK = timedelta(minutes=2)
"""Deletions of the provider take a minute at most, in which they are asked for again."""
MANY_CALLS = 60
MODELS = ("iris", "wine", "flower")


class Calling(RuleBasedStateMachine):
    """Calls models, and changes the budget."""

    world: World

    @rule(model=st.sampled_from(MODELS), times=st.integers(1, 3))
    def call(self, model: str, times: int) -> None:
        for _ in range(times):
            call(self.world, model)
            self.world.now += timedelta(seconds=20)

    @rule(model=st.sampled_from(MODELS), settled=st.booleans())
    def call_often(self, model: str, settled: bool) -> None:
        """Enough for a version to be judged by it."""
        call(self.world, model, times=MANY_CALLS)
        if settled:
            self.world.settle(120)

    @rule(usd=st.sampled_from([0.0, 0.001, 0.05, 5.0]), action=st.sampled_from(["sleep", "pause"]))
    def set_budget(self, usd: float, action: str) -> None:
        self.world.set_budget(usd, action)


def call(world: World, model: str, *, times: int = 1) -> None:
    """Predict, as far as others see it: the endpoint wakes, its circuit and its counts are written.
    Every tenth call of a moody version fails."""
    live = world.store.live(model)
    endpoint = world.provider.describe(live.endpoint.name) if live else None
    if live is None or endpoint is None:
        return
    world.last_called[endpoint.name] = world.now
    circuit = world.serving_state.circuits.kept.get(live.id, CircuitState())
    moment = world.now.timestamp()
    match endpoint.state:
        case EndpointState.RUNNING:
            circuit = circuit.answered(moment)
            is_moody = world.quality_of_deployment(live.id) is Quality.MOODY
            counts = CallCounts(times, times // 10 if is_moody else 0)
            world.serving_state.counts.add(live.id, quarter_of(moment), counts)
        case EndpointState.PAUSED:
            circuit = circuit.not_ready(moment)
        case EndpointState.ASLEEP | EndpointState.STARTING:
            world.provider.wake(endpoint.name)
            world.woken.add(endpoint.name)
            circuit = circuit.asleep(moment)
    world.serving_state.circuits.kept[live.id] = circuit


def dollars_are_those_of_the_provider(world: World) -> None:
    """Check the ledger against the provider's own meter, endpoint by endpoint.

    To 1 % where all that happened can be known: not of an endpoint that somebody deleted, that
    failed, that was woken between two looks, or that was paused where it did not serve. Of none is
    any time charged twice.
    """
    world.reconciler.run()
    for name, meter in world.provider.meters.items():
        charged_h = sum(_charged(world, name)) / USD_PER_HOUR
        exact_h = meter.until(world.now) / timedelta(hours=1)
        slack_h = SLACK / timedelta(hours=1)
        known_end = None if name in world.lost else meter.gone_at
        most_h = ((known_end or world.now) - meter.begun_at) / timedelta(hours=1) + slack_h
        assert charged_h <= most_h, f"{name}: more is charged than there was."
        if name in world.last_live and name not in world.woken | world.lost | world.unseen:
            assert abs(charged_h - exact_h) <= 0.01 * exact_h + slack_h, (name, exact_h, charged_h)


def _charged(world: World, name: str) -> Iterator[float]:
    kept: dict[Any, Any] = world.costs.kept
    for month in kept.values():
        if name in month.endpoints:
            yield month.endpoints[name].usd
