"""All endpoints by name and by address, and the operations of their owners."""

import secrets
import string

from standins.huggingface.access import Account
from standins.huggingface.catalogue import cpus
from standins.huggingface.documents import EndpointDocument
from standins.huggingface.endpoint import Clock, Container, Launcher, StandInEndpoint, State
from standins.huggingface.errors import ApiError
from standins.huggingface.invoices import Invoice, invoice
from standins.huggingface.lifecycle import Lifecycle
from standins.huggingface.start_plans import StartPlans

_DELETION_NS = 700_000_000
"""Time for which a deleted endpoint is still shown."""
_ID_ALPHABET = string.ascii_lowercase + string.digits
_COUNTS_AGAINST_QUOTA = set(State) - {State.PAUSED, State.FAILED}


class Endpoints:
    """The endpoints of all namespaces. Every access first calls `tick`."""

    def __init__(self, launcher: Launcher, start_plans: StartPlans, now_ns: Clock) -> None:
        self._launcher, self._start_plans, self._now_ns = launcher, start_plans, now_ns
        self._lifecycle = Lifecycle(launcher, start_plans, now_ns)
        self._by_name: dict[tuple[str, str], StandInEndpoint] = {}
        self._gone: list[StandInEndpoint] = []

    def tick(self) -> None:
        """Move every endpoint to the state that it has to be in by now; drop deleted ones."""
        for key, endpoint in list(self._by_name.items()):
            if endpoint.deleted_ns is None:
                self._lifecycle.advance(endpoint)
            elif self._now_ns() - endpoint.deleted_ns >= _DELETION_NS:
                self._gone.append(self._by_name.pop(key))
                self._launcher.forget(endpoint.id)

    def all(self, namespace: str) -> list[StandInEndpoint]:
        """Return the endpoints of *namespace*, oldest first, with those being deleted."""
        self.tick()
        return [one for one in self._by_name.values() if one.namespace == namespace]

    def every(self) -> list[StandInEndpoint]:
        """Return the endpoints of all namespaces, oldest first, with those being deleted."""
        self.tick()
        return list(self._by_name.values())

    def bill(self) -> list[Invoice]:
        """Return what every endpoint has cost until now, those that are gone among them."""
        self.tick()
        for endpoint in self._by_name.values():
            endpoint.meter(self._now_ns())
        return [invoice(each) for each in (*self._gone, *self._by_name.values())]

    def get(self, namespace: str, name: str) -> StandInEndpoint:
        """Return the endpoint of that name. Raises: ApiError 404."""
        self.tick()
        endpoint = self._by_name.get((namespace, name))
        if endpoint is None:
            raise ApiError(404, "Endpoint not found")
        return endpoint

    def by_id(self, endpoint_id: str) -> StandInEndpoint | None:
        """Return the endpoint behind a data-plane address; None where there is none."""
        self.tick()
        return next((one for one in self._by_name.values() if one.id == endpoint_id), None)

    def create(self, namespace: str, document: EndpointDocument, owner: Account) -> StandInEndpoint:
        """Add a pending endpoint. Raises: ApiError 409, also while its namesake is deleted."""
        self.tick()
        if (namespace, document.name) in self._by_name:
            raise ApiError(409, "An endpoint with the same name already exists")
        now_ns, plan = self._now_ns(), self._start_plans.take(document.name)
        endpoint = StandInEndpoint(
            id="".join(secrets.choice(_ID_ALPHABET) for _ in range(16)),
            namespace=namespace,
            document=plan.kept(document),
            owner=owner,
            plan=plan,
            created_ns=now_ns,
            started_ns=now_ns,
            used_ns=now_ns,
            updated_ns=now_ns,
            metered_ns=now_ns,
        )
        self._by_name[namespace, document.name] = endpoint
        return endpoint

    def pause(self, endpoint: StandInEndpoint) -> None:
        """Stop it until it is resumed. Raises: ApiError 400 for a failed one."""
        self._refuse(endpoint, "paused")
        endpoint.updated_ns = self._now_ns()
        self._lifecycle.stop(endpoint, State.PAUSED)

    def resume(self, endpoint: StandInEndpoint) -> None:
        """Start it again. Raises: ApiError 400 unless it is paused or asleep."""
        self._refuse(endpoint, "resumed")
        if endpoint.state not in (State.PAUSED, State.SCALED_TO_ZERO):
            raise ApiError(400, "Bad Request: endpoint is already running")
        endpoint.updated_ns = self._now_ns()
        self._lifecycle.start(endpoint)

    def scale_to_zero(self, endpoint: StandInEndpoint) -> None:
        """Put it to sleep now. Raises: ApiError 400 unless it runs or sleeps."""
        self._refuse(endpoint, "scaled")
        if endpoint.state not in (State.RUNNING, State.SCALED_TO_ZERO):
            raise ApiError(400, f"Bad Request: endpoint is {endpoint.state}, not running")
        endpoint.updated_ns = self._now_ns()
        self._lifecycle.stop(endpoint, State.SCALED_TO_ZERO)

    def delete(self, endpoint: StandInEndpoint) -> None:
        """Begin deleting it; it is shown a moment longer. Raises: ApiError 404 the second time."""
        if endpoint.deleted_ns is not None:
            raise ApiError(404, "Endpoint not found")
        endpoint.meter(self._now_ns())
        endpoint.deleted_ns = self._now_ns()
        if endpoint.container:
            endpoint.container.stop()

    def log(self, endpoint: StandInEndpoint) -> str:
        """Return everything that the endpoint's containers have written."""
        return self._launcher.log(endpoint.id)

    def touch(self, endpoint: StandInEndpoint) -> None:
        """Note that an authorised request reached it; wakes one that is asleep."""
        endpoint.used_ns = self._now_ns()
        if endpoint.state is State.SCALED_TO_ZERO and endpoint.deleted_ns is None:
            self._lifecycle.start(endpoint)

    def serving(self, endpoint: StandInEndpoint) -> Container | None:
        """Return the container that answers requests now; None where the proxy has to."""
        self.tick()
        return None if endpoint.deleted_ns is not None else self._lifecycle.serving(endpoint)

    def used_cpus(self, namespace: str) -> dict[str, int]:
        """Return the CPUs that count against the quota, by instance type."""
        used: dict[str, int] = {}
        for endpoint in self.all(namespace):
            compute = endpoint.document.compute
            if endpoint.state in _COUNTS_AGAINST_QUOTA:
                needed = cpus(compute.instance_size) * compute.scaling.max_replica
                used[compute.instance_type] = used.get(compute.instance_type, 0) + needed
        return used

    @staticmethod
    def _refuse(endpoint: StandInEndpoint, verb: str) -> None:
        if endpoint.deleted_ns is not None:
            raise ApiError(404, "Endpoint not found")
        if endpoint.state is State.FAILED:
            raise ApiError(400, f"Bad Request: endpoint is failed and cannot be {verb}")
