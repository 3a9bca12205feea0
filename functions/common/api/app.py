"""What the functions behind the API share: their resolver, what every answer carries, and how
errors become answers."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common.api import cors
from functions.common.api import gateway_event as request_headers
from functions.common.api.responses import problem_response
from functions.common.api.timings import Timings
from functions.common.errors import MethodNotAllowedError, NotFoundError, ServiceError


class RestApi(APIGatewayRestResolver):
    """Routes under `/api/v1`; whatever they raise is logged, counted and answered as a problem.

    Attributes:
        timings: Of the current request.
    """

    def __init__(self, logger: Logger, metrics: Metrics) -> None:
        super().__init__(strip_prefixes=["/api/v1"])
        self._log = logger
        self._metrics = metrics
        self.timings = Timings()
        self.exception_handler(Exception)(self._refuse)
        self.not_found(self._refuse_unknown_route)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """The answer to an API Gateway proxy event, with the headers that every answer has."""
        self.timings = Timings()
        self.timings.add("auth", request_headers.auth_ms(event))
        request_id = request_headers.request_id(event)
        self._log.append_keys(
            request_id=request_id, gateway_request_id=request_headers.gateway_request_id(event)
        )
        answer = super().resolve(event, context)
        answer["multiValueHeaders"].setdefault("Cache-Control", ["no-store"])
        answer["multiValueHeaders"] |= {
            name: [value]
            for name, value in {
                "X-Request-Id": request_id,
                "Server-Timing": self.timings.header(),
                **cors.headers(request_headers.header(event, "origin"), cors.allowed_origins()),
            }.items()
        }
        return answer

    def _refuse(self, error: Exception) -> Response[str]:
        """The one place where errors become answers; details can quote bodies, so none is
        logged."""
        if isinstance(error, ServiceError):
            self._log.info("request.refused", code=error.code, cause=type(error.__cause__).__name__)
        else:
            self._log.error("request.failed", exc_info=error)
            error = ServiceError("Something went wrong on our side.")
        self._metrics.add_metric("Errors" if error.is_ours else "Refusals", MetricUnit.Count, 1)
        return problem_response(error, request_id=request_id(self))

    def _refuse_unknown_route(self, _error: Exception) -> Response[str]:
        """API Gateway leads the methods here that a resource does not have; unknown addresses
        come only where its resources and these routes differ."""
        if allowed := self._methods_here():
            detail = f"This address takes {' and '.join(allowed)}."
            return self._refuse(MethodNotAllowedError(detail, allowed=allowed))
        return self._refuse(NotFoundError("There is nothing at this address."))

    def _methods_here(self) -> list[str]:
        path = self._remove_prefix(self.current_event.path)
        routes = (*self._static_routes, *self._dynamic_routes)
        return sorted({route.method for route in routes if route.rule.match(path)})


def make_app(logger: Logger, metrics: Metrics) -> RestApi:
    """The resolver of one function."""
    return RestApi(logger, metrics)


def authorizer_context(app: RestApi) -> Mapping[str, Any]:
    """What the authorizer found out about the caller of the current request.

    Raises: UnauthorizedError (it was not asked).
    """
    return request_headers.authorizer_context(app.current_event.raw_event)


def request_id(app: RestApi) -> str:
    """The id of the current request."""
    return request_headers.request_id(app.current_event.raw_event)
