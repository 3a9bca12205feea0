"""Concurrent first calls with one key make few validations.

API Gateway runs the authorizer once for every call that finds nothing in its cache, each in an
execution environment of its own: the environments agree through the table that they share.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from functions.predict.auth.bearer import KeyRefusedError, check_form
from functions.predict.auth.service import AuthService, AuthServiceDownError, KeyOwner
from functions.predict.single_flight.claims import ClaimsUnavailableError
from functions.predict.single_flight.flight import Result, SingleFlight, StillAtWorkError

KEPT_S = 2.0
"""API Gateway keeps an answer for 60 s more: a revoked key works for 62 s at the very most."""
OUTAGE_KEPT_S = 0.5
"""Long enough for those who wait to see it: they need not all find out for themselves."""
WAIT_S = 2.0
"""Then whoever waits asks the service itself."""


class SharedValidation:
    """`AuthService` that asks *service* once for all environments that want the same to be known.

    What is kept is the owner, or that the key was refused, by a hash of key, address and service
    id; never the key. Where the table cannot be reached, everybody asks for themselves: it lets
    nobody in, and keeps nobody out.
    """

    def __init__(self, service: AuthService, flight: SingleFlight, *, service_id: str) -> None:
        self._service = service
        self._flight = flight
        self._service_id = service_id

    def owner_of(self, key: str, *, client_ip: str | None) -> KeyOwner:
        check_form(key)

        def ask() -> KeyOwner:
            return self._service.owner_of(key, client_ip=client_ip)

        try:
            landed = self._flight.run(self._id(key, client_ip), lambda: _outcome(ask))
        except (ClaimsUnavailableError, StillAtWorkError):
            return ask()
        return _owner(json.loads(landed.answer))

    def _id(self, key: str, client_ip: str | None) -> str:
        identity = json.dumps([key, client_ip, self._service_id])
        return f"key#{hashlib.sha256(identity.encode()).hexdigest()}"


def _outcome(ask: Callable[[], KeyOwner]) -> Result:
    try:
        return _result(KEPT_S, owner=asdict(ask()))
    except KeyRefusedError as refused:
        return _result(KEPT_S, refused=str(refused))
    except AuthServiceDownError as down:
        return _result(OUTAGE_KEPT_S, down=str(down))


def _result(keep_s: float, **outcome: Any) -> Result:
    return Result(json.dumps(outcome).encode(), keep_s)


def _owner(outcome: dict[str, Any]) -> KeyOwner:
    match outcome:
        case {"owner": owner}:
            return KeyOwner(**owner | {"scopes": tuple(owner["scopes"])})
        case {"refused": reason}:
            raise KeyRefusedError(reason)
    raise AuthServiceDownError(outcome["down"])
