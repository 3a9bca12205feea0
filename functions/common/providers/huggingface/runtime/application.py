"""The WSGI application of the runtime `container`: answers predictions and health.

`POST /` with the headers `X-Hokus-Secret` and `X-Hokus-Nonce` and the caller's JSON as the body is
answered by 200 and `{"deployment_id", "package", "nonce", "predictions"}`, or by another status and
`{"deployment_id", "package", "nonce", "error": {"type", "message"}}`; `STATUS` has both. `GET
/health` is 200 while predictions are made, else 503.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from predicting import Identity, LoadedModel, RefusedError, log_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_WAIT_S = 5.0
"""Share of the 25 s that a caller has for a whole prediction."""
MAX_BODY_BYTES = 4_000_000
"""As much as our API takes."""
ROUTES = {"/": ("POST",), "/health": ("GET", "HEAD")}
STATUS = {
    "invalid_json": 400,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "rejected_input": 422,
    "model_error": 500,
    "overloaded": 503,
    "starting": 503,
    "stopping": 503,
}
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""Of a call of the API, which its answer and the log repeat."""
RETRY_AFTER_S = {"overloaded": 1, "starting": 5, "stopping": 5}


class Slots:
    """The right to predict, for *size* threads at once and as many that wait as *waiting*."""

    def __init__(self, size: int, waiting: int) -> None:
        self._admitted = threading.Semaphore(size + waiting)
        self._predicting = threading.Semaphore(size)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Predict within. Raises: RefusedError (`overloaded`)."""
        if not self._admitted.acquire(blocking=False):
            raise RefusedError("overloaded", "Too many requests wait for this model.")
        try:
            if not self._predicting.acquire(timeout=LONGEST_WAIT_S):
                raise RefusedError("overloaded", "The requests before this one take too long.")
            try:
                yield
            finally:
                self._predicting.release()
        finally:
            self._admitted.release()


class Application:
    """The WSGI application.

    Attributes:
        model: None until it is loaded.
        stopping: Set once, when the process is asked to end.
    """

    def __init__(self, identity: Identity, slots: Slots) -> None:
        self.model: LoadedModel | None = None
        self.stopping = False
        self._identity = identity
        self._slots = slots

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        envelope = self._identity.envelope(environ.get("HTTP_X_HOKUS_NONCE"))
        status, headers = 200, [("Content-Type", "application/json")]
        request_id = environ.get("HTTP_X_REQUEST_ID", "")
        if REQUEST_ID.fullmatch(request_id):
            headers.append(("X-Request-Id", request_id))
        try:
            content = self._answer(environ, envelope)
        except Exception as error:  # noqa: BLE001 - every request gets an answer
            refused = _refusal(error, request_id)
            status = STATUS[refused.kind]
            content = json.dumps({**envelope, "error": refused.as_dict()})
            if refused.kind in RETRY_AFTER_S:
                headers.append(("Retry-After", str(RETRY_AFTER_S[refused.kind])))
            if refused.kind == "method_not_allowed":
                headers.append(("Allow", ", ".join(ROUTES[environ["PATH_INFO"]])))
        encoded = content.encode()
        headers.append(("Content-Length", str(len(encoded))))
        start_response(f"{status} {HTTPStatus(status).phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [encoded]

    def _answer(self, environ: dict[str, Any], envelope: dict[str, str]) -> str:
        """Return the content of a 200. Raises: RefusedError."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path not in ROUTES:
            raise RefusedError("not_found", "There is nothing at this path.")
        if method not in ROUTES[path]:
            raise RefusedError("method_not_allowed", "Not this method.")
        if path == "/health":
            self._ready()
            return '{"status": "ok"}'
        self._identity.admit(environ.get("HTTP_X_HOKUS_SECRET"))
        predictions = self._predict(self._ready(), environ)
        return f'{json.dumps(envelope)[:-1]}, "predictions": {predictions}}}'

    def _ready(self) -> LoadedModel:
        """Return the model. Raises: RefusedError (`starting`, `stopping`)."""
        if self.stopping:
            raise RefusedError("stopping", "This server is about to end.")
        if self.model is None:
            raise RefusedError("starting", "The model is being loaded.")
        return self.model

    def _predict(self, model: LoadedModel, environ: dict[str, Any]) -> str:
        """Return the predictions for the request's body as JSON. Raises: RefusedError."""
        if int(environ.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            raise RefusedError("too_large", f"The body is larger than {MAX_BODY_BYTES:,} bytes.")
        with self._slots.slot():
            if environ["waitress.client_disconnected"]():
                raise RefusedError("overloaded", "Nobody waits for this answer any more.")
            predictions: str = model.predict(_json(environ["wsgi.input"].read()))
            return predictions


def _json(body: bytes) -> Any:
    """Return the parsed *body*. Raises: RefusedError."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        # Without its message, which can quote the body.
        raise RefusedError("invalid_json", "The body is not JSON.") from error


def _no_constant(name: str) -> None:
    raise ValueError(name + " is not JSON")


def _refusal(error: Exception, request_id: str) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    # waitress would log its message.
    known = request_id if REQUEST_ID.fullmatch(request_id) else "without an id"
    log_failure(f"The request {known} failed", error)
    return RefusedError("model_error", "The server failed.")
