"""Lambda entry of the API: the routes under `/api/v1/models`."""

from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common.errors import NotFoundError, ServiceError
from functions.common.observability import make_logger, make_metrics
from functions.predict import answers, composition, request_body
from functions.predict.caller import admit
from functions.predict.http import body_of, json_response, problem_response

app = APIGatewayRestResolver(strip_prefixes=["/api/v1"])
logger = make_logger("predict")
metrics = make_metrics("predict")


@app.post("/models/<model_id>/predict")
def predict(model_id: str) -> Response[str]:
    """Score the body with the model's live deployment."""
    admit(_authorizer_context())
    event = app.current_event
    body = request_body.checked(body_of(event), content_type=event.headers.get("content-type"))
    prediction = composition.predictor().predict(unquote(model_id), body)
    metrics.add_metric("ProviderLatency", MetricUnit.Milliseconds, prediction.latency_ms)
    return json_response(answers.prediction_answer(prediction, request_id=_request_id()))


@app.get("/models/<model_id>")
def get_model(model_id: str) -> Response[str]:
    """Tell where the model's deployments stand."""
    admit(_authorizer_context())
    name = unquote(model_id)
    return json_response(answers.model_answer(name, composition.store().of_model(name)))


def refuse(error: Exception) -> Response[str]:
    """The one place where errors become answers; details can quote bodies, so none is logged."""
    if isinstance(error, ServiceError):
        logger.info("request.refused", code=error.code, cause=type(error.__cause__).__name__)
    else:
        logger.error("request.failed", exc_info=error)
        error = ServiceError("Something went wrong on our side.")
    metrics.add_metric("Errors" if error.is_ours else "Refusals", MetricUnit.Count, 1)
    return problem_response(error, request_id=_request_id())


def refuse_unknown_route(_error: Exception) -> Response[str]:
    """Only a deployment whose routes differ from the API's resources comes here."""
    return refuse(NotFoundError("There is nothing at this address."))


app.exception_handler(Exception)(refuse)
app.not_found(refuse_unknown_route)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    metrics.add_metric("Requests", MetricUnit.Count, 1)
    return app.resolve(event, context)


def _authorizer_context() -> dict[str, Any]:
    return app.current_event.request_context.authorizer.raw_event


def _request_id() -> str:
    return app.current_event.request_context.request_id or ""
