"""How an endpoint moves from state to state.

Nothing happens between two looks: `advance` moves an endpoint to where it has to be by now, from
the clock and from what its containers do. It is the only place where a state changes by itself.
"""

from standins.huggingface.endpoint import (
    MESSAGES,
    Clock,
    Container,
    EndpointPhase,
    Launcher,
    StandInEndpoint,
    State,
)
from standins.huggingface.start_plans import StartPlan, StartPlans

_S = 1_000_000_000
_REASON_LINES = 20
_REPLICAS_WITHOUT_GAP = 2


class Lifecycle:
    """Moves endpoints; knows neither names nor callers."""

    def __init__(self, launcher: Launcher, start_plans: StartPlans, now_ns: Clock) -> None:
        self._launcher, self._start_plans, self._now_ns = launcher, start_plans, now_ns

    def advance(self, endpoint: StandInEndpoint) -> None:
        """Move *endpoint* to the state that it has to be in by now."""
        before = None
        while endpoint.state is not before:
            before = endpoint.state
            self._step(endpoint)

    def _step(self, endpoint: StandInEndpoint) -> None:
        match endpoint.state:
            case State.PENDING:
                self._leave_pending(endpoint)
            case State.INITIALIZING:
                self._watch_start(endpoint)
            case State.UPDATING:
                self._watch_update(endpoint)
            case State.RUNNING | State.UPDATE_FAILED:
                self._watch_replica(endpoint)

    def start(self, endpoint: StandInEndpoint) -> None:
        """A start that is not the first: resume, wake, or a changed document."""
        self._stop_containers(endpoint)
        endpoint.plan = StartPlan()
        endpoint.started_ns = self._now_ns()
        self._initialize(endpoint)

    def update(self, endpoint: StandInEndpoint) -> None:
        """Start the changed document beside the container that runs."""
        if endpoint.candidate is not None:
            endpoint.candidate.stop()
        endpoint.plan = StartPlan()
        endpoint.started_ns = self._now_ns()
        endpoint.candidate = self._launcher.start(endpoint.id, endpoint.document)
        endpoint.enter(State.UPDATING)

    def stop(self, endpoint: StandInEndpoint, state: State) -> None:
        """Stop whatever runs; *endpoint* is then in *state*."""
        self._stop_containers(endpoint)
        endpoint.enter(state)

    def serving(self, endpoint: StandInEndpoint) -> Container | None:
        """The container that answers requests now; None where the proxy has to."""
        container = endpoint.container
        if container is None or container.phase is not EndpointPhase.HEALTHY:
            return None
        return container if self._answers(endpoint) else None

    def _answers(self, endpoint: StandInEndpoint) -> bool:
        match endpoint.state:
            case State.RUNNING:
                return self._since_s(endpoint.ready_ns) >= endpoint.plan.unready_s
            case State.UPDATING:
                return endpoint.document.compute.scaling.min_replica >= _REPLICAS_WITHOUT_GAP
        return endpoint.state is State.UPDATE_FAILED

    def _leave_pending(self, endpoint: StandInEndpoint) -> None:
        pending_s = self._start_plans.timing.pending_s
        if pending_s is None:
            pending_s = self._startup_s(endpoint) / 4
        if self._since_s(endpoint.started_ns) >= pending_s:
            self._initialize(endpoint)

    def _initialize(self, endpoint: StandInEndpoint) -> None:
        endpoint.enter(State.INITIALIZING)
        if not (endpoint.plan.never_healthy or endpoint.plan.fail_after_s is not None):
            plan = endpoint.plan
            endpoint.container = self._launcher.start(
                endpoint.id, plan.served(endpoint.document), memory_mb=plan.memory_mb
            )

    def _watch_start(self, endpoint: StandInEndpoint) -> None:
        elapsed_s, plan = self._since_s(endpoint.started_ns), endpoint.plan
        if plan.fail_after_s is not None and elapsed_s >= plan.fail_after_s:
            endpoint.enter(State.FAILED, plan.message)
        elif endpoint.container is None:
            return
        elif endpoint.container.phase is EndpointPhase.EXITED:
            self._fail(endpoint, endpoint.container, State.FAILED)
        elif endpoint.container.phase is EndpointPhase.HEALTHY and elapsed_s >= self._startup_s(
            endpoint
        ):
            self._run(endpoint)

    def _watch_update(self, endpoint: StandInEndpoint) -> None:
        candidate = endpoint.candidate
        if candidate is None:
            return
        elapsed_s = self._since_s(endpoint.started_ns)
        if candidate.phase is EndpointPhase.EXITED:
            endpoint.candidate = None
            self._fail(endpoint, candidate, State.UPDATE_FAILED)
        elif candidate.phase is EndpointPhase.HEALTHY and elapsed_s >= self._startup_s(endpoint):
            if endpoint.container is not None:
                endpoint.container.stop()
            endpoint.container, endpoint.candidate = candidate, None
            self._run(endpoint)

    def _watch_replica(self, endpoint: StandInEndpoint) -> None:
        container, scaling = endpoint.container, endpoint.document.compute.scaling
        if container is None or container.phase is EndpointPhase.EXITED:
            self._fail(endpoint, container, State.FAILED)
        elif scaling.min_replica == 0 and endpoint.in_flight == 0:
            idle_s = (scaling.scale_to_zero_timeout or 0) * self._start_plans.timing.minute_s
            if self._since_s(endpoint.used_ns) >= idle_s:
                self.stop(endpoint, State.SCALED_TO_ZERO)

    def _run(self, endpoint: StandInEndpoint) -> None:
        endpoint.used_ns = endpoint.ready_ns = self._now_ns()
        endpoint.enter(State.RUNNING)

    def _fail(self, endpoint: StandInEndpoint, container: Container | None, state: State) -> None:
        code = None if container is None else container.exit_code
        log = self._launcher.log(endpoint.id).strip().splitlines()
        reason = "\n".join(log[-_REASON_LINES:])
        endpoint.enter(state, f"{MESSAGES[state]}. Exit code: {code}. Reason: {reason}")

    def _startup_s(self, endpoint: StandInEndpoint) -> float:
        planned = endpoint.plan.startup_s
        return self._start_plans.timing.startup_s if planned is None else planned

    def _since_s(self, then_ns: int) -> float:
        return (self._now_ns() - then_ns) / _S

    @staticmethod
    def _stop_containers(endpoint: StandInEndpoint) -> None:
        for container in endpoint.containers:
            container.stop()
        endpoint.container = endpoint.candidate = None
