"""What the functions behind the API share: their resolver, and how errors become answers."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.metrics import MetricUnit

from functions.common.errors import NotFoundError, ServiceError
from functions.predict.http import problem_response


def make_app(logger: Logger, metrics: Metrics) -> APIGatewayRestResolver:
    """Routes under `/api/v1`; whatever they raise is logged, counted and answered as a problem."""
    app = APIGatewayRestResolver(strip_prefixes=["/api/v1"])

    def refuse(error: Exception) -> Response[str]:
        """The one place where errors become answers; details can quote bodies, so none is
        logged."""
        if isinstance(error, ServiceError):
            logger.info("request.refused", code=error.code, cause=type(error.__cause__).__name__)
        else:
            logger.error("request.failed", exc_info=error)
            error = ServiceError("Something went wrong on our side.")
        metrics.add_metric("Errors" if error.is_ours else "Refusals", MetricUnit.Count, 1)
        return problem_response(error, request_id=request_id(app))

    def refuse_unknown_route(_error: Exception) -> Response[str]:
        """Only a deployment whose routes differ from the API's resources comes here."""
        return refuse(NotFoundError("There is nothing at this address."))

    app.exception_handler(Exception)(refuse)
    app.not_found(refuse_unknown_route)
    return app


def authorizer_context(app: APIGatewayRestResolver) -> dict[str, Any]:
    """What the authorizer found out about the caller of the current request."""
    return app.current_event.request_context.authorizer.raw_event


def request_id(app: APIGatewayRestResolver) -> str:
    """API Gateway's id of the current request."""
    return app.current_event.request_context.request_id or ""
