"""API Gateway's proxy event, read once: `RequestContext`, and who calls."""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from functions.common.api.scopes import scopes_in
from functions.common.deadline import Deadline, Timings
from functions.common.errors import (
    ForbiddenError,
    InsufficientBalanceError,
    ModelNotFoundError,
    RateLimitedError,
    UnauthorizedError,
)
from functions.common.wide_event import WideEvent

WRITE_SCOPES = (
    "model:write",
    "mlflow:write",
    "mlflow:access",
    "mlflow:admin",
    "admin",
    "write",
    "full_access",
)
"""Any one of them lets a key change which models are served."""
PREFIX = "/api/v1"
MAX_NAME_CHARACTERS = 256
"""MLflow's own limit on the name of a registered model."""
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The owner of the API key, in a form that may be logged: never the key itself."""

    user_id: str
    key_id: str

    def scope(self, model_id: str) -> str:
        """Return a text that no other caller, and no other model, has."""
        return json.dumps([self.user_id, self.key_id, model_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """A request, as every layer behind API Gateway sees it.

    Attributes:
        id: The caller's `X-Request-Id` if it is harmless in logs and headers, else API Gateway's.
        gateway_id: API Gateway's own id of the request.
        method: In capital letters.
        path: As it was sent, below `PREFIX`.
        headers: By lower-case name; the last value of a repeated one.
        query: Query string parameters.
        authorizer: The authorizer's context, all values as text; empty where there was none, or
            where the request has two keys: API Gateway caches the context by one key alone.
        timings: Durations of the request's steps; they begin at its arrival.
        wide_event: What the log will say of the request.
    """

    id: str
    gateway_id: str
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    authorizer: Mapping[str, Any]
    timings: Timings
    wide_event: WideEvent = field(default_factory=WideEvent, repr=False)
    _event: Mapping[str, Any] = field(repr=False)

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> "RequestContext":
        """Read a proxy event, which arrives now."""
        context = event.get("requestContext") or {}
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        gateway_id, id_ = context.get("requestId") or "", headers.get("x-request-id") or ""
        timings = Timings()
        timings.add("auth", _auth_ms(context))
        return cls(
            id=id_ if _SANE_ID.fullmatch(id_) else gateway_id,
            gateway_id=gateway_id,
            method=(event.get("httpMethod") or "").upper(),
            path=(event.get("path") or "").removeprefix(PREFIX),
            headers=headers,
            query=event.get("queryStringParameters") or {},
            authorizer=_authorizer_context(event, context),
            timings=timings,
            _event=event,
        )

    def deadline_after(self, seconds: float) -> Deadline:
        """Return the deadline *seconds* after the request's arrival."""
        return Deadline(self.timings.began_s + seconds)

    def raw_body(self, from_base64: Callable[[str], bytes] = b64decode) -> bytes:
        """Return the body as the caller sent it, its content coding included.

        A lone surrogate must reach the JSON parser and be refused there.
        """
        text = self._event.get("body") or ""
        is_base64 = self._event.get("isBase64Encoded")
        return from_base64(text) if is_base64 else text.encode("utf-8", "surrogatepass")

    def admit(self) -> Caller:
        """Let the caller in.

        Raises: UnauthorizedError (no authorizer's context), RateLimitedError,
        InsufficientBalanceError.
        """
        if not self.authorizer:
            raise UnauthorizedError("Send one valid API key: `Authorization: Bearer <key>`.")
        if self._flag("rate_limited", default=False):
            raise RateLimitedError("This API key has reached its rate limit.")
        if not self._flag("has_sufficient_balance", default=True):
            raise InsufficientBalanceError("The balance of this account does not suffice.")
        user_id, key_id = (str(self.authorizer.get(name, "")) for name in ("user_id", "key_id"))
        self.wide_event.note(user=user_id, key=key_id)
        return Caller(user_id=user_id, key_id=key_id)

    def admit_writer(self) -> Caller:
        """Let the caller change which models are served.

        Raises: as `admit`; ForbiddenError (none of `WRITE_SCOPES`, and no administrator).
        """
        caller = self.admit()
        scopes = scopes_in(str(self.authorizer.get("scopes", "")))
        if not self._flag("is_admin", default=False) and scopes.isdisjoint(WRITE_SCOPES):
            raise ForbiddenError(f"This needs a key with one of {', '.join(WRITE_SCOPES)}.")
        return caller

    def _flag(self, name: str, *, default: bool) -> bool:
        return str(self.authorizer.get(name, default)).lower() == "true"


def is_possible_name(name: str) -> bool:
    """Return whether MLflow could have a model of this name."""
    return 0 < len(name) <= MAX_NAME_CHARACTERS and not {"/", ":"} & set(name)


def model_name(segment: str) -> str:
    """Return the model's name in a path's percent-encoded *segment*.

    Raises: ModelNotFoundError (no model can have it, so there is nothing to look up).
    """
    name = unquote(segment)
    if not is_possible_name(name):
        raise ModelNotFoundError("No model can have this name.")
    return name


def authorization_headers(event: Mapping[str, Any]) -> list[str]:
    """Return every `Authorization` header; API Gateway's single-value headers keep the last."""
    repeated = event.get("multiValueHeaders") or {}
    single = event.get("headers") or {}
    found = [
        value
        for name, values in repeated.items()
        if name.lower() == "authorization"
        for value in values
    ]
    return found or [value for name, value in single.items() if name.lower() == "authorization"]


def _authorizer_context(event: Mapping[str, Any], context: Mapping[str, Any]) -> Mapping[str, Any]:
    authorizer: Mapping[str, Any] = context.get("authorizer") or {}
    return authorizer if len(authorization_headers(event)) <= 1 else {}


def _auth_ms(context: Mapping[str, Any]) -> float:
    """Return the milliseconds that the authorizer took for this request.

    0 where API Gateway had its answer cached, or has no authorizer.
    """
    authorizer = context.get("authorizer") or {}
    try:
        ran = float(authorizer["authorized_at_ms"]) >= float(context["requestTimeEpoch"])
        return float(authorizer["auth_ms"]) if ran else 0.0
    except (KeyError, TypeError, ValueError):
        return 0.0
