"""Lambda handler of predictions."""

import gc
import re
from functools import partial
from typing import Any

from functions.common.api.answers import Answer, answered, json_answer, no_route
from functions.common.api.body import prediction_answer, read_body
from functions.common.api.gateway_event import RequestContext, model_name
from functions.common.observability import make_logger
from functions.common.signatures.check import check_fields
from functions.common.signatures.engine import compile_schema
from functions.common.snapshot import primed
from functions.predict.bootstrap import predict_function
from functions.predict.prediction import Call

_METHOD = "POST"
_PATH = re.compile(r"/models/([^/]+)/predict/*")
_WAIT = re.compile(r"""wait\s*=\s*"?(\d{1,6})"?""", re.ASCII)

logger = make_logger("predict")


def predict(request: RequestContext) -> Answer:
    """Score the body with the model's live deployment, on the function's only route."""
    address = _PATH.fullmatch(request.path)
    if address is None or request.method != _METHOD:
        raise no_route(request.method, [_METHOD] if address else [])
    caller, name = request.admit(), model_name(address[1])
    request.wide_event.note_model(name)
    body = read_body(request)
    request.wide_event.note(bytes_in=len(body.raw))
    check_fields(body)
    function = predict_function()
    wait_s = preferred_wait_s(request.headers.get("prefer"))
    call = Call(
        model_id=name,
        request_id=request.id,
        body=body,
        deadline=request.deadline_after(function.deadline_s),
        wait_until=request.deadline_after(wait_s) if wait_s else None,
        may_wait=function.wait_limit.for_user(caller.user_id) if wait_s else _never,
        timings=request.timings,
        wide_event=request.wide_event,
    )
    make_prediction = partial(_prediction, call)
    headers = {"Preference-Applied": f"wait={wait_s}"} if wait_s else {}
    if (key := request.headers.get("idempotency-key")) is None:
        return json_answer(make_prediction(), headers=headers)
    answer, replayed = function.idempotency.answer(
        caller.scope(name), key, body.raw, make_prediction, deadline=call.deadline
    )
    if replayed:
        function.predictor.note_replay(call)
        headers |= {"Idempotency-Replayed": "true"}
    return json_answer(answer, headers=headers)


@primed
def prime() -> None:
    """Put the function together, and load the engine that checks inputs."""
    predict_function()
    compile_schema({})


def preferred_wait_s(prefer: str | None) -> int:
    """Return `wait` of the header `Prefer` (RFC 7240), in seconds; 0: none.

    What is not understood is ignored, as RFC 7240 demands.
    """
    for preference in (prefer or "").lower().split(","):
        if match := _WAIT.fullmatch(preference.partition(";")[0].strip()):
            return int(match[1])
    return 0


def _never() -> bool:
    return False


def _prediction(call: Call) -> bytes:
    prediction = predict_function().predictor.predict(call)
    return prediction_answer(
        prediction.deployment,
        prediction.content,
        latency_ms=prediction.latency_ms,
        request_id=call.request_id,
    )


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    # A large table is a hundred thousand lists, which Python would look through for garbage.
    gc.disable()
    try:
        return answered(event, predict, logger=logger)
    finally:
        gc.enable()
