"""Metrics, log lines and the reconciler's notice when an endpoint's circuit state changes."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger

from functions.common.circuits.state import Circuit, Phase
from functions.common.metric_names import CIRCUIT_OPENED
from functions.predict.resilience.state_cache import Transition

_METRICS = {
    Circuit.CLOSED: "CircuitClosed",
    Circuit.HALF_OPEN: "CircuitHalfOpened",
    Circuit.OPEN: CIRCUIT_OPENED,
}
WAKE_UPS = "WakeUps"
NOT_READY = "EndpointsFoundUnready"


class CircuitEvents:
    """Publishes every transition.

    *count* adds one to the metric of that name. *notify_reconciler* gets the name of a model whose
    endpoint is paused or deleted; its failure is logged only, because the reconciler looks at
    every model on its schedule too.
    """

    def __init__(
        self,
        *,
        logger: Logger,
        count: Callable[[str], None],
        notify_reconciler: Callable[[str], None],
    ) -> None:
        self._logger = logger
        self._count = count
        self._notify_reconciler = notify_reconciler

    def __call__(self, transition: Transition) -> None:
        before, after = transition.before, transition.after
        circuit = after.circuit(transition.at)
        if circuit is not before.circuit(transition.at):
            self._publish(_METRICS[circuit], "circuit.changed", transition, circuit=circuit)
        if after.phase is before.phase:
            return
        if after.phase is Phase.WARMING:
            self._publish(WAKE_UPS, "endpoint.woken", transition)
        if after.phase is Phase.NOT_READY:
            self._publish(NOT_READY, "endpoint.found_unready", transition)
            self._notify(transition.deployment.model_id)

    def _publish(self, metric: str, event: str, transition: Transition, **values: Any) -> None:
        self._count(metric)
        deployment = transition.deployment
        self._logger.info(
            event, model_id=deployment.model_id, deployment_id=deployment.id, **values
        )

    def _notify(self, model_id: str) -> None:
        try:
            self._notify_reconciler(model_id)
        except Exception:  # the prediction goes on without it
            self._logger.exception("reconciler.not_notified", model_id=model_id)
