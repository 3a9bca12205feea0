"""Metrics, log lines and notices when the circuit state of an endpoint changes."""

from collections.abc import Callable
from itertools import pairwise

from functions.common.circuits.state import FAILURES_TO_OPEN, CircuitState
from functions.common.observability import make_logger
from functions.predict.resilience.circuit_events import CircuitEvents
from functions.predict.resilience.state_cache import Transition
from tests.builders import a_live_deployment

DEPLOYMENT = a_live_deployment()
NOW = 1_800_000_000.0


class Published:
    """The events, and everything that they published."""

    def __init__(self, notify: Callable[[str], None] | None = None) -> None:
        self.metrics: list[str] = []
        self.models: list[str] = []
        self.events = CircuitEvents(
            logger=make_logger("predict"),
            count=self.metrics.append,
            notify_reconciler=notify or self.models.append,
        )

    def hear(self, *states: CircuitState) -> None:
        """The first one became the second, that one the third, and so on."""
        for before, after in pairwise(states):
            self.events(Transition(deployment=DEPLOYMENT, before=before, after=after, at=NOW))


def failed(times: int) -> CircuitState:
    condition = CircuitState()
    for _ in range(times):
        condition = condition.failed(NOW - 10, started_at=NOW - 10)
    return condition


def test_each_change_of_the_circuit_is_one_metric():
    """Failures before it opens, and a prober's report, are none."""
    published = Published()
    opened = failed(FAILURES_TO_OPEN)
    probed = opened.claim_probe(NOW)

    published.hear(
        CircuitState(), failed(FAILURES_TO_OPEN - 1), opened, probed, probed.answered(NOW)
    )

    assert ["CircuitOpened", "CircuitHalfOpened", "CircuitClosed"] == published.metrics


def test_each_wake_up_is_one_metric():
    """However often it is asked for while it wakes."""
    published = Published()
    asleep = CircuitState().asleep(NOW)

    published.hear(CircuitState(), asleep, asleep.claim_probe(NOW + 4), asleep.asleep(NOW + 4))

    assert ["WakeUps"] == published.metrics


def test_the_reconciler_is_notified_once_of_an_endpoint_that_no_call_brings_back():
    """By the model's name, and again only after it was well."""
    published = Published()
    gone = CircuitState().not_ready(NOW)

    published.hear(CircuitState(), gone, gone.claim_probe(NOW), gone.not_ready(NOW + 8))
    assert [DEPLOYMENT.model_id] == published.models

    published.hear(gone, gone.answered(NOW), CircuitState().not_ready(NOW))
    assert [DEPLOYMENT.model_id] * 2 == published.models


def test_a_reconciler_that_cannot_be_notified_is_no_callers_affair(logged: Callable[[], str]):
    """It is logged; the reconciler looks at every model by itself, too."""

    def broken(_model_id: str) -> None:
        raise OSError("no route")

    Published(broken).hear(CircuitState(), CircuitState().not_ready(NOW))

    assert "reconciler.not_notified" in logged()
