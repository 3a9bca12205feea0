"""Lambda entry of `POST /api/v1/webhooks/mlflow`.

Until the signature is known to be MLflow's, nothing is parsed, and nothing is imported but the
standard library and what reads the secret: a forged request costs as little as it can.
"""

import json
import os
import time
from base64 import b64decode
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.common import problem
from functions.common.errors import MethodNotAllowedError, PayloadTooLargeError, ServiceError
from functions.common.snapshot import primed
from functions.common.wide_event import FIRST_FAULT, WideEvent
from functions.mlflow_hook.refusals import refusal_count
from functions.mlflow_hook.signature import SignedDelivery

if TYPE_CHECKING:
    from functions.common.secrets import Secrets

MAX_BODY_BYTES = 1_048_576
"""MLflow's largest event, a version with long tags and description, stays well below 1 MiB."""


@cache
def secrets() -> "Secrets":
    """Return the reader of the webhook's secret."""
    from functions.common.secrets import SecretsManagerSecrets  # noqa: PLC0415 - see above

    return SecretsManagerSecrets()


@primed
def prime() -> None:
    """Put the function together, with all that a forged request does not need."""
    from functions.mlflow_hook.bootstrap import deliveries  # noqa: PLC0415 - see above

    secrets()
    deliveries()


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    began, wide_event = time.monotonic(), WideEvent()
    request_id = event["requestContext"]["requestId"]
    try:
        _check_method(event["httpMethod"])
        body = _body(event)
        _check(SignedDelivery.from_request(event.get("headers") or {}, body))
        answer = _accept(body, request_id)
    except ServiceError as error:
        wide_event.count(refusal_count(error))
        wide_event.note(message="delivery.refused", code=error.code)
        answer = problem.response(error, request_id=request_id)
    except Exception as error:  # noqa: BLE001 - the outermost handler: MLflow tries 5xx again
        answer = problem.response(_failed(error, request_id), request_id=request_id)
    status: int = answer["statusCode"]
    wide_event.note(request_id=request_id, gateway_request_id=request_id, status=status)
    latency_ms = (time.monotonic() - began) * 1_000
    wide_event.write("mlflow_hook", latency_ms=latency_ms, is_fault=status >= FIRST_FAULT)
    return answer


def _check_method(method: str) -> None:
    """API Gateway leads the methods here, too, that the webhook does not have."""
    if method != "POST":
        raise MethodNotAllowedError("This address takes POST.", allowed=["POST"])


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    body = b64decode(text) if event.get("isBase64Encoded") else text.encode()
    if len(body) > MAX_BODY_BYTES:
        raise PayloadTooLargeError("A webhook's body may have 1 MiB.")
    return body


def _check(delivery: SignedDelivery) -> None:
    delivery.check_age(now_unix_s=time.time())
    delivery.check_signature(_accepted_secrets(os.environ["WEBHOOK_SECRET"]))


def _accepted_secrets(name: str) -> Iterator[str]:
    """The secret and, while MLflow may not know of its rotation yet, its predecessor."""
    yield secrets().current(name)
    if previous := secrets().previous(name):
        yield previous


def _accept(body: bytes, request_id: str) -> dict[str, Any]:
    from functions.mlflow_hook.bootstrap import deliveries  # noqa: PLC0415 - see above

    status, answer = deliveries().accept(body, request_id=request_id)
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json", **problem.of_every_answer(request_id)},
        "body": json.dumps(answer),
    }


def _failed(error: Exception, request_id: str) -> ServiceError:
    from functions.common.aws_errors import service_unavailable  # noqa: PLC0415 - see above
    from functions.common.observability import make_logger  # noqa: PLC0415 - see above

    make_logger("mlflow_hook").exception("delivery.failed", request_id=request_id)
    return service_unavailable(error) or ServiceError("The delivery could not be taken. Try again.")
