"""The resolver of the functions that have several routes."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec.json import encode

from functions.common.api.answers import Answer, answered, body_of, no_route
from functions.common.api.gateway_event import PREFIX, RequestContext


class RestApi(APIGatewayRestResolver):
    """Routes under `PREFIX`; see `answered` for what they raise.

    Attributes:
        request_context: Of the current request.
    """

    request_context: RequestContext

    def __init__(self, logger: Logger) -> None:
        super().__init__(strip_prefixes=[PREFIX])
        self._log = logger
        self._methods: list[tuple[re.Pattern[str], str]] = []
        self.exception_handler(Exception)(_raised)
        self.not_found(self._raise_no_route)

    def route(self, rule: str, method: Any, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Add a route, and remember its method for answers to other methods."""
        pattern = re.compile(re.sub(r"<[^>]+>", "[^/]+", rule))
        self._methods += [
            (pattern, each) for each in ([method] if isinstance(method, str) else method)
        ]
        return super().route(rule, method, *args, **kwargs)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> Answer:
        """Answer a proxy event. Raises: FunctionFailedError."""
        respond = partial(self._respond, event, context)
        return answered(event, respond, logger=self._log)

    def _respond(
        self, event: Mapping[str, Any], context: LambdaContext, request: RequestContext
    ) -> Answer:
        self.request_context = request
        return super().resolve(event, context)

    def _raise_no_route(self, _error: Exception) -> Response[str]:
        request = self.request_context
        methods = {method for rule, method in self._methods if rule.fullmatch(request.path)}
        # Powertools matches fewer characters than an address can hold, for the right method too.
        raise no_route(request.method, sorted(methods))


def make_app(logger: Logger) -> RestApi:
    """Return the resolver of one function."""
    return RestApi(logger)


def json_response(
    answer: dict[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """Return *answer* as JSON. Raises: AnswerTooLargeError."""
    response = json_bytes_response(encode(answer), status=status)
    response.headers.update(headers or {})
    return response


def json_bytes_response(answer: bytes, *, status: int = 200) -> Response[str]:
    """Return *answer*, which is JSON already, as `json_response` does.

    Raises: AnswerTooLargeError.
    """
    response: Response[str] = Response(status_code=status, content_type="application/json")
    response.body, response.base64_encoded = body_of(answer)
    return response


def _raised(error: Exception) -> Response[str]:
    """Leave *error* to `answered`; Powertools would log its message."""
    raise error
