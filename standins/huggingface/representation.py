"""An endpoint as the control API shows it: the document `EndpointWithStatus`."""

from datetime import UTC, datetime
from typing import Any

from standins.huggingface.endpoint import StandInEndpoint, State
from standins.huggingface.endpoints import Endpoints

_S = 1_000_000_000
_AT_ZERO = {State.PAUSED, State.SCALED_TO_ZERO}


class Representation:
    """Shows endpoints; *base_url*: address of this process, without a trailing slash."""

    def __init__(self, endpoints: Endpoints, base_url: str) -> None:
        self._endpoints, self._base_url = endpoints, base_url

    def url(self, endpoint: StandInEndpoint) -> str | None:
        """Return the data-plane address; None until the endpoint has left `pending`."""
        pending = endpoint.state is State.PENDING
        return None if pending else f"{self._base_url}/endpoints/{endpoint.id}"

    def endpoint(self, endpoint: StandInEndpoint) -> dict[str, Any]:
        """Return the whole document; names of secrets are shown, their values are not."""
        document = endpoint.document
        return {
            **document.model_dump(by_alias=True, exclude_none=True),
            "accountId": None,
            "healthRoute": endpoint.health_route,
            "compute": _compute(endpoint),
            "model": document.model.shown(),
            "status": self._status(endpoint),
        }

    def _status(self, endpoint: StandInEndpoint) -> dict[str, Any]:
        ready = self._endpoints.serving(endpoint) is not None
        author = {"id": endpoint.owner.user_id, "name": endpoint.owner.name}
        return {
            "createdAt": timestamp(endpoint.created_ns),
            "createdBy": author,
            "updatedAt": timestamp(endpoint.updated_ns),
            "updatedBy": author,
            "lastUsedAt": timestamp(endpoint.used_ns),
            "private": None,
            "state": endpoint.state,
            "message": endpoint.message,
            "url": self.url(endpoint),
            "readyReplica": endpoint.replicas if ready else 0,
            "targetReplica": 0 if endpoint.state in _AT_ZERO else endpoint.replicas,
        }


def timestamp(unix_ns: int) -> str:
    """Return the time as RFC 3339 in UTC with nanoseconds."""
    moment = datetime.fromtimestamp(unix_ns // _S, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{unix_ns % _S:09}Z"


def _compute(endpoint: StandInEndpoint) -> dict[str, Any]:
    compute = endpoint.document.compute.model_dump(by_alias=True)
    compute["scaling"]["measure"] = compute["scaling"]["measure"] or {"hardwareUsage": None}
    return compute
