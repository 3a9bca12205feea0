"""The resolver of the functions behind API Gateway: what every answer carries, and how errors
become answers."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic_core import to_json

from functions.common import problem
from functions.common.api import cors
from functions.common.api.gateway_event import RequestContext
from functions.common.aws_errors import service_unavailable
from functions.common.errors import (
    AnswerTooLargeError,
    MethodNotAllowedError,
    NotFoundError,
    ServiceError,
)
from functions.common.observability import count_internal_error, failed
from functions.common.payload import ANY_TEXT_BYTES, MAX_BYTES, fits_as_text

PREFIX = "/api/v1"


class RestApi(APIGatewayRestResolver):
    """Routes under `/api/v1`; whatever they raise is logged, counted and answered as a problem.

    Attributes:
        request_context: Of the current request.
    """

    request_context: RequestContext

    def __init__(self, logger: Logger, metrics: Metrics) -> None:
        super().__init__(strip_prefixes=[PREFIX])
        self._log = logger
        self._metrics = metrics
        self._methods: list[tuple[re.Pattern[str], str]] = []
        self.exception_handler(Exception)(self._refuse)
        self.not_found(self._refuse_unknown_route)

    def route(self, rule: str, method: Any, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Add a route, and remember its method for answers to other methods."""
        pattern = re.compile(re.sub(r"<[^>]+>", "[^/]+", rule))
        self._methods += [
            (pattern, each) for each in ([method] if isinstance(method, str) else method)
        ]
        return super().route(rule, method, *args, **kwargs)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer a proxy event, with the headers that every answer has.

        Raises: FunctionFailedError.
        """
        try:
            return self._resolved(event, context)
        except Exception as error:  # noqa: BLE001 - logged, and raised in our own words
            raise failed(error, self._log) from None

    def _resolved(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        self.request_context = request = RequestContext.from_event(event)
        self._log.append_keys(request_id=request.id, gateway_request_id=request.gateway_id)
        answer = super().resolve(event, context)
        headers = {"X-Request-Id": request.id, "Server-Timing": request.timings.header()}
        if allowed := cors.allowed_origins():
            headers |= cors.headers(request.headers.get("origin"), allowed)
        answer["multiValueHeaders"].setdefault("Cache-Control", ["no-store"])
        answer["multiValueHeaders"] |= {name: [value] for name, value in headers.items()}
        return answer

    def _refuse(self, error: Exception) -> Response[str]:
        """Turn an error into an answer. Its detail can quote the body, so it is not logged."""
        if isinstance(error, ServiceError):
            self._log.info("request.refused", code=error.code, cause=type(error.__cause__).__name__)
        else:
            self._log.error("request.failed", exc_info=error)
            passing = service_unavailable(error)
            if passing is None:
                count_internal_error(self._log.service)
            error = passing or ServiceError("Something went wrong on our side.")
        self._metrics.add_metric("Errors" if error.is_ours else "Refusals", MetricUnit.Count, 1)
        body = problem.problem(error, detail=error.detail, request_id=self.request_context.id)
        return Response(
            status_code=error.status, headers=dict(problem.headers(error)), body=json.dumps(body)
        )

    def _refuse_unknown_route(self, _error: Exception) -> Response[str]:
        """Answer 405 or 404. API Gateway routes every method here that a resource lacks; unknown
        addresses come only where its resources and these routes differ."""
        path = self.current_event.path.removeprefix(PREFIX)
        allowed = sorted({method for rule, method in self._methods if rule.fullmatch(path)})
        # Powertools matches fewer characters than an address can hold, for the right method too.
        if allowed and self.current_event.http_method not in allowed:
            detail = f"This address takes {' and '.join(allowed)}."
            return self._refuse(MethodNotAllowedError(detail, allowed=allowed))
        return self._refuse(NotFoundError("There is nothing at this address."))


def make_app(logger: Logger, metrics: Metrics) -> RestApi:
    """Return the resolver of one function."""
    return RestApi(logger, metrics)


def json_response(answer: dict[str, Any], *, status: int = 200) -> Response[str]:
    """Return *answer* as JSON that no cache keeps. Raises: AnswerTooLargeError."""
    return json_bytes_response(to_json(answer), status=status)


def json_bytes_response(
    answer: bytes, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response[str]:
    """Return *answer*, which is JSON already, as `json_response` does.

    Raises: AnswerTooLargeError.
    """
    if len(answer) > MAX_BYTES:
        raise AnswerTooLargeError("The answer is larger than 4 MB.")
    response: Response[str] = Response(
        status_code=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
    response.base64_encoded = len(answer) > ANY_TEXT_BYTES and not fits_as_text(answer)
    response.body = (b64encode(answer) if response.base64_encoded else answer).decode()
    return response
