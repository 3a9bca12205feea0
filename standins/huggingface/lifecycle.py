"""State changes of an endpoint over time.

`advance` moves an endpoint to the state that follows from the clock and its container's phase. No
state changes by itself anywhere else.
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
_NO_CAPACITY = "Endpoint failed to start. Scheduling failure: not enough hardware capacity"


class Lifecycle:
    """Moves endpoints from state to state."""

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
            case State.RUNNING:
                self._watch_replica(endpoint)

    def start(self, endpoint: StandInEndpoint) -> None:
        """Start it again, without a plan: resume or wake."""
        self._stop_container(endpoint)
        endpoint.plan = StartPlan()
        endpoint.started_ns = self._now_ns()
        self._initialize(endpoint, at_ns=endpoint.started_ns)

    def stop(self, endpoint: StandInEndpoint, state: State, *, at_ns: int | None = None) -> None:
        """Stop the container and enter *state*, as of *at_ns*; None: now."""
        self._stop_container(endpoint)
        endpoint.enter(state, at_ns=self._now_ns() if at_ns is None else at_ns)

    def serving(self, endpoint: StandInEndpoint) -> Container | None:
        """Return the container that answers requests now; None where the proxy has to."""
        container = endpoint.container
        healthy = container is not None and container.phase is EndpointPhase.HEALTHY
        return container if healthy and endpoint.state is State.RUNNING else None

    def _leave_pending(self, endpoint: StandInEndpoint) -> None:
        wait_s = self._start_plans.startup_s / 4
        if self._since_s(endpoint.started_ns) >= wait_s:
            self._initialize(endpoint, at_ns=endpoint.started_ns + int(wait_s * _S))

    def _initialize(self, endpoint: StandInEndpoint, *, at_ns: int) -> None:
        endpoint.enter(State.INITIALIZING, at_ns=at_ns)
        plan = endpoint.plan
        if plan.starts_container:
            endpoint.container = self._launcher.start(
                endpoint.id,
                plan.served(endpoint.document),
                memory_mb=plan.memory_mb,
                host_cores=plan.host_cores,
            )

    def _watch_start(self, endpoint: StandInEndpoint) -> None:
        elapsed_s, container = self._since_s(endpoint.started_ns), endpoint.container
        fail_after_s = endpoint.plan.fail_after_s
        if fail_after_s is not None and elapsed_s >= fail_after_s:
            failed_ns = endpoint.started_ns + int(fail_after_s * _S)
            endpoint.enter(State.FAILED, _NO_CAPACITY, at_ns=failed_ns)
        elif container and container.phase is EndpointPhase.EXITED:
            self._fail(endpoint, container)
        elif self._is_up(container, elapsed_s):
            endpoint.used_ns = self._now_ns()
            endpoint.ready_ns = endpoint.ready_ns or endpoint.used_ns
            endpoint.enter(State.RUNNING, at_ns=endpoint.used_ns)

    def _is_up(self, container: Container | None, elapsed_s: float) -> bool:
        healthy = container is not None and container.phase is EndpointPhase.HEALTHY
        return healthy and elapsed_s >= self._start_plans.startup_s

    def _watch_replica(self, endpoint: StandInEndpoint) -> None:
        container, scaling = endpoint.container, endpoint.document.compute.scaling
        if container and container.phase is EndpointPhase.EXITED:
            self._fail(endpoint, container)
        elif scaling.min_replica == 0 and endpoint.in_flight == 0:
            idle_s = (scaling.scale_to_zero_timeout or 0) * 60
            if self._since_s(endpoint.used_ns) >= idle_s:
                asleep_ns = endpoint.used_ns + idle_s * _S
                self.stop(endpoint, State.SCALED_TO_ZERO, at_ns=asleep_ns)

    def _fail(self, endpoint: StandInEndpoint, container: Container) -> None:
        log = self._launcher.log(endpoint.id).strip().splitlines()
        reason = "\n".join(log[-_REASON_LINES:])
        failed = MESSAGES[State.FAILED]
        message = f"{failed}. Exit code: {container.exit_code}. Reason: {reason}"
        endpoint.enter(State.FAILED, message, at_ns=self._now_ns())

    def _since_s(self, then_ns: int) -> float:
        return (self._now_ns() - then_ns) / _S

    @staticmethod
    def _stop_container(endpoint: StandInEndpoint) -> None:
        if endpoint.container:
            endpoint.container.stop()
        endpoint.container = None
