"""Tells people, and the reconciler, what becomes of endpoints."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from functions.common.circuits.state import Circuit, Phase
from functions.predict.resilience.state_cache import Transition

_METRICS = {
    Circuit.CLOSED: "CircuitClosed",
    Circuit.HALF_OPEN: "CircuitHalfOpened",
    Circuit.OPEN: "CircuitOpened",
}
WAKE_UPS = "WakeUps"
UNREADY = "EndpointsFoundUnready"


class Watch:
    """Hears every transition.

    *count* adds one to the metric of that name. *tell_reconciler* gets the name of the model whose
    endpoint is paused or gone; that it fails is logged and no caller's affair, because the
    reconciler looks at every model by itself, too.
    """

    def __init__(
        self,
        *,
        logger: Logger,
        count: Callable[[str], None],
        tell_reconciler: Callable[[str], None],
    ) -> None:
        self._logger = logger
        self._count = count
        self._tell_reconciler = tell_reconciler

    def __call__(self, transition: Transition) -> None:
        before, after = transition.before, transition.after
        circuit = after.circuit(transition.at)
        if circuit is not before.circuit(transition.at):
            self._note(_METRICS[circuit], "circuit.changed", transition, circuit=circuit)
        if after.phase is before.phase:
            return
        if after.phase is Phase.WARMING:
            self._note(WAKE_UPS, "endpoint.woken", transition)
        if after.phase is Phase.UNREADY:
            self._note(UNREADY, "endpoint.found_unready", transition)
            self._tell(transition.deployment.model_id)

    def _note(self, metric: str, event: str, transition: Transition, **what: Any) -> None:
        self._count(metric)
        deployment = transition.deployment
        self._logger.info(event, model_id=deployment.model_id, deployment_id=deployment.id, **what)

    def _tell(self, model_id: str) -> None:
        try:
            self._tell_reconciler(model_id)
        except Exception:  # whatever it is, the call goes on
            self._logger.exception("reconciler.not_told", model_id=model_id)
