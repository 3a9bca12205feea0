"""Endpoints as documents of the control API: what is sent to create one, and what is answered.

Source: https://api.endpoints.huggingface.cloud (OpenAPI document at its root).
"""

import re
from datetime import UTC, datetime
from typing import Any

from functions.common.providers.base import (
    Endpoint,
    EndpointSpec,
    EndpointState,
    ProviderUnavailableError,
    StartFailure,
)
from functions.common.providers.hardware import Hardware
from functions.common.providers.huggingface.containers import HEALTH_ROUTE, container_of

_STATES = {
    "running": EndpointState.RUNNING,
    "scaledToZero": EndpointState.ASLEEP,
    "paused": EndpointState.PAUSED,
    "failed": EndpointState.FAILED,
    "updateFailed": EndpointState.FAILED,
}
"""Every other state, those not yet invented among them, is on its way to one of these."""

_KILLED = "Exit code: 137"
"""128 + SIGKILL, nearly always for want of memory."""
_EXITED = "Exit code"
"""Part of the message of a start that failed because the container ended. Without it, no
machine was available."""

_CREDITS = re.compile(r"\bcredits?\b|\bpayment\b|\bbilling\b", re.IGNORECASE)
"""Credits that run out interrupt running endpoints, by a message whose words are not published.
Source: https://github.com/huggingface/hf-endpoints-documentation/pull/162"""

_COMPARED = ("image", "command", "args", "env")


def create_body(spec: EndpointSpec) -> dict[str, Any]:
    """Return the body of a create; without nulls, which the API refuses in some places.

    Raises: ProviderRefusedError (see `container_of`).
    """
    on = spec.hardware
    scaling: dict[str, Any] = {"minReplica": on.min_replicas, "maxReplica": on.max_replicas}
    if on.scale_to_zero_after_min is not None:
        scaling["scaleToZeroTimeout"] = on.scale_to_zero_after_min
    return {
        "name": spec.name,
        "type": spec.access,
        "provider": {"vendor": on.vendor, "region": on.region},
        "compute": {
            "accelerator": "cpu",
            "instanceType": on.instance_type,
            "instanceSize": on.instance_size,
            "scaling": scaling,
        },
        "model": {
            "repository": spec.repository,
            "revision": spec.revision,
            **container_of(spec),
            "secrets": dict(spec.secrets),
        },
        "tags": list(spec.tags),
    }


def asked_of(spec: EndpointSpec) -> dict[str, Any]:
    """Return the part of `create_body` that an endpoint's description must repeat.

    Our command takes no arguments; a default image has a command and arguments of its own.
    """
    container = container_of(spec)
    if "command" in container:
        container["args"] = []
    compared = {name: container[name] for name in _COMPARED if name in container}
    served = {"repository": spec.repository, "revision": spec.revision}
    return {"type": spec.access, "model": {**served, **compared}}


def endpoint_of(document: Any) -> Endpoint:
    """Return the endpoint that *document* describes; only its name must be there.

    Raises: ProviderUnavailableError.
    """
    match document:
        case {"name": str(name), "status": dict(status), "model": dict(model)}:
            state = _STATES.get(status.get("state", ""), EndpointState.STARTING)
            message = str(status.get("errorMessage") or status.get("message") or "")
            return Endpoint(
                name=name,
                state=state,
                url=status.get("url") or None,
                message=message,
                failure=_failure(message) if state is EndpointState.FAILED else None,
                repository=str(model.get("repository") or ""),
                revision=str(model.get("revision") or ""),
                tags=tuple(document.get("tags") or ()),
                health_route=str(document.get("healthRoute") or HEALTH_ROUTE),
                created_at=_moment(status.get("createdAt")),
                updated_at=_moment(status.get("updatedAt")),
                last_used_at=_moment(status.get("lastUsedAt")),
                replicas=_replicas(status),
                out_of_credits=_is_stopped_for_want_of_credits(state, message),
                hardware=_hardware(document),
                echo={"type": document.get("type"), "model": {**model, "secrets": None}},
            )
    raise ProviderUnavailableError("Hugging Face's answer does not describe an endpoint.")


def _failure(message: str) -> StartFailure:
    if _KILLED in message:
        return StartFailure.KILLED
    return StartFailure.EXITED if _EXITED in message else StartFailure.NO_MACHINE


def _is_stopped_for_want_of_credits(state: EndpointState, message: str) -> bool:
    """Return whether the platform's own words name them; a log's end may name anything."""
    stopped = state in {EndpointState.PAUSED, EndpointState.FAILED} and _EXITED not in message
    return stopped and bool(_CREDITS.search(message))


def _replicas(status: dict[str, Any]) -> int | None:
    """Return the replicas that are up or wanted, whichever are more; None without both numbers."""
    match status:
        case {"readyReplica": int(ready), "targetReplica": int(target)}:
            return max(ready, target)
    return None


def _moment(text: Any) -> datetime | None:
    """RFC 3339 with up to nine fractional digits, of which six are kept."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _hardware(document: dict[str, Any]) -> Hardware | None:
    """Return the hardware; None unless the response has all of it."""
    match document:
        case {
            "provider": {"vendor": str(vendor), "region": str(region)},
            "compute": {
                "instanceType": str(instance_type),
                "instanceSize": str(instance_size),
                "scaling": {"minReplica": int(least), "maxReplica": int(most), **scaling},
            },
        }:
            idle_min = scaling.get("scaleToZeroTimeout")
            return Hardware(
                vendor=vendor,
                region=region,
                instance_type=instance_type,
                instance_size=instance_size,
                min_replicas=least,
                max_replicas=most,
                scale_to_zero_after_min=idle_min if isinstance(idle_min, int) else None,
            )
    return None
