"""Who is told of what becomes of endpoints."""

from collections.abc import Callable
from itertools import pairwise

from functions.common.circuits.state import FAILURES_TO_OPEN, CircuitState
from functions.common.observability import make_logger
from functions.predict.resilience.circuit_events import Watch
from functions.predict.resilience.state_cache import Transition
from tests.builders import a_live_deployment

DEPLOYMENT = a_live_deployment()
NOW = 1_800_000_000.0


class Told:
    """A watch, and who has heard what."""

    def __init__(self, tell: Callable[[str], None] | None = None) -> None:
        self.metrics: list[str] = []
        self.models: list[str] = []
        self.watch = Watch(
            logger=make_logger("predict"),
            count=self.metrics.append,
            tell_reconciler=tell or self.models.append,
        )

    def hear(self, *conditions: CircuitState) -> None:
        """The first one became the second, that one the third, and so on."""
        for before, after in pairwise(conditions):
            self.watch(Transition(deployment=DEPLOYMENT, before=before, after=after, at=NOW))


def failed(times: int) -> CircuitState:
    condition = CircuitState()
    for _ in range(times):
        condition = condition.failed(NOW - 10, started_at=NOW - 10)
    return condition


def test_each_change_of_the_circuit_is_one_metric():
    """Failures before it opens, and a prober's report, are none."""
    told = Told()
    opened = failed(FAILURES_TO_OPEN)
    probed = opened.with_turn_taken(NOW)

    told.hear(CircuitState(), failed(FAILURES_TO_OPEN - 1), opened, probed, probed.answered(NOW))

    assert ["CircuitOpened", "CircuitHalfOpened", "CircuitClosed"] == told.metrics


def test_each_wake_up_is_one_metric():
    """However often it is asked for while it wakes."""
    told = Told()
    asleep = CircuitState().asleep(NOW)

    told.hear(CircuitState(), asleep, asleep.with_turn_taken(NOW + 4), asleep.asleep(NOW + 4))

    assert ["WakeUps"] == told.metrics


def test_the_reconciler_is_told_once_of_an_endpoint_that_no_call_brings_back():
    """By the model's name, and again only after it was well."""
    told = Told()
    gone = CircuitState().unready(NOW)

    told.hear(CircuitState(), gone, gone.with_turn_taken(NOW), gone.unready(NOW + 8))
    assert [DEPLOYMENT.model_id] == told.models

    told.hear(gone, gone.answered(NOW), CircuitState().unready(NOW))
    assert [DEPLOYMENT.model_id] * 2 == told.models


def test_a_reconciler_that_cannot_be_told_is_no_callers_affair(logged: Callable[[], str]):
    """It is logged; the reconciler looks at every model by itself, too."""

    def broken(_model_id: str) -> None:
        raise OSError("no route")

    Told(broken).hear(CircuitState(), CircuitState().unready(NOW))

    assert "reconciler.not_told" in logged()
