"""Lambda entry of predictions."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic_core import to_json

from functions.common.api import body as request_body
from functions.common.api.app import authorizer_context, make_app, request_id
from functions.common.api.caller import admit
from functions.common.api.model_names import name_in
from functions.common.api.responses import REPLAYED, body_of, json_bytes_response
from functions.common.observability import make_logger, make_metrics
from functions.predict import answers, composition, preferences

logger = make_logger("predict")
metrics = make_metrics("predict")
app = make_app(logger, metrics)


@app.post("/models/<model_id>/predict")
def predict(model_id: str) -> Response[str]:
    """Score the body with the model's live deployment."""
    caller = admit(authorizer_context(app))
    name, headers = name_in(model_id), app.current_event.headers
    body = request_body.checked(
        body_of(app.current_event), content_type=headers.get("content-type")
    )
    wait_s = preferences.wait_s(headers.get("prefer"))
    applied = {"Preference-Applied": f"wait={wait_s}"} if wait_s else {}
    if (key := headers.get("idempotency-key")) is None:
        return json_bytes_response(_answer(name, body, wait_s), headers=applied)
    answer, replayed = composition.idempotency().answer(
        caller.scope(name), key, body.raw, lambda: _answer(name, body, wait_s)
    )
    return json_bytes_response(answer, headers=applied | (REPLAYED if replayed else {}))


def _answer(model_id: str, body: request_body.Body, wait_s: int) -> bytes:
    prediction = composition.predictor().predict(model_id, body, wait_s=wait_s, timings=app.timings)
    metrics.add_metric("ProviderLatency", MetricUnit.Milliseconds, prediction.latency_ms)
    return to_json(
        answers.prediction_answer(prediction, request_id=request_id(app)),
        # A number like 1e999 is JSON, and read as infinity, which is not.
        inf_nan_mode="null",
    )


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    return app.resolve(event, context)
