"""API Gateway's authorization, as AWS documents it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html

REQUEST authorizers with caching: a request without all identity sources is 401, and the authorizer
is not called; a policy is cached by the identity sources' values and evaluated for every method.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

type Which = Literal["first", "last", "joined"]
"""Of several headers of one name, AWS does not document which is the identity."""

ARN = "arn:aws:execute-api:us-east-1:123456789012:1234567890/live"


@dataclass(frozen=True)
class Request:
    """A caller's request; *authorization* has one value for each header of that name."""

    method: str
    resource: str
    path: str
    authorization: tuple[str, ...]
    client_ip: str


@dataclass
class Gateway:
    """One stage with *authorizer*.

    `decide` returns the status of the gateway's own refusal, or the context for the function.

    Attributes:
        ttl_s: Time that a policy is cached; 0: not at all.
    """

    authorizer: Callable[[dict[str, Any], object], dict[str, Any]]
    identity_sources: tuple[str, ...]
    ttl_s: int
    which: Which = "last"
    now: float = 0.0

    def __post_init__(self) -> None:
        self._kept: dict[tuple[str, ...], tuple[float, dict[str, Any]]] = {}

    def decide(self, request: Request) -> int | Mapping[str, str]:
        identity = tuple(self._value(source, request) for source in self.identity_sources)
        if self.ttl_s and not all(identity):
            return 401
        until, answer = self._kept.get(identity, (0.0, {}))
        if not self.ttl_s or until <= self.now:
            try:
                answer = self.authorizer(authorizer_event(request), None)
            except Exception as error:  # noqa: BLE001 - whatever it raises is an answer
                return 401 if str(error) == "Unauthorized" else 503
            self._kept[identity] = (self.now + self.ttl_s, answer)
        if not _allows(answer["policyDocument"], method_arn(request)):
            return 403
        return {name: _text(value) for name, value in answer["context"].items()} | {
            "principalId": answer["principalId"]
        }

    def _value(self, source: str, request: Request) -> str:
        if source == "context.identity.sourceIp":
            return request.client_ip
        assert source == "method.request.header.Authorization"
        values = request.authorization or ("",)
        return {"first": values[0], "last": values[-1], "joined": ",".join(values)}[self.which]


def method_arn(request: Request) -> str:
    return f"{ARN}/{request.method}{request.path}"


def authorizer_event(request: Request) -> dict[str, Any]:
    """Return the event of a REQUEST authorizer."""
    headers, several = _headers(request)
    return {
        "type": "REQUEST",
        "methodArn": method_arn(request),
        "resource": request.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": several,
        "requestContext": _context(request),
    }


def function_event(request: Request, context: Mapping[str, str]) -> dict[str, Any]:
    """Return the event of the function behind it."""
    headers, several = _headers(request)
    return {
        "resource": request.resource,
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": several,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": _context(request) | {"authorizer": dict(context)},
        "body": '{"inputs": [1]}',
        "isBase64Encoded": False,
    }


def _headers(request: Request) -> tuple[dict[str, str], dict[str, list[str]]]:
    values = list(request.authorization)
    if not values:
        return {"Accept": "*/*"}, {"Accept": ["*/*"]}
    return {"Authorization": values[-1]}, {"Authorization": values}


def _context(request: Request) -> dict[str, Any]:
    return {
        "requestId": "c6af9ac6",
        "requestTimeEpoch": 1_700_000_000_000,
        "identity": {"sourceIp": request.client_ip},
    }


def _allows(policy: Mapping[str, Any], arn: str) -> bool:
    """Evaluate a policy: an explicit Deny wins, and without any Allow it denies."""
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if _matches(statement["Resource"], arn)
    }
    return "Allow" in effects and "Deny" not in effects


def _matches(pattern: str, arn: str) -> bool:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, arn) is not None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
