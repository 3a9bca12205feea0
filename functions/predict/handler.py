"""Lambda entry of the API: the routes under `/api/v1/models` that anyone with a key may use."""

from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common.observability import make_logger, make_metrics
from functions.predict import answers, composition, request_body
from functions.predict.caller import admit
from functions.predict.http import body_of, json_response
from functions.predict.rest_api import authorizer_context, make_app, request_id

logger = make_logger("predict")
metrics = make_metrics("predict")
app = make_app(logger, metrics)


@app.post("/models/<model_id>/predict")
def predict(model_id: str) -> Response[str]:
    """Score the body with the model's live deployment."""
    admit(authorizer_context(app))
    event = app.current_event
    body = request_body.checked(body_of(event), content_type=event.headers.get("content-type"))
    prediction = composition.predictor().predict(unquote(model_id), body)
    metrics.add_metric("ProviderLatency", MetricUnit.Milliseconds, prediction.latency_ms)
    return json_response(answers.prediction_answer(prediction, request_id=request_id(app)))


@app.get("/models/<model_id>")
def get_model(model_id: str) -> Response[str]:
    """Tell where the model's deployments stand."""
    admit(authorizer_context(app))
    name = unquote(model_id)
    return json_response(answers.model_answer(name, composition.store().of_model(name)))


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    return app.resolve(event, context)
