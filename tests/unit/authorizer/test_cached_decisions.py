"""API Gateway's cache changes no decision about a request.

The real authorizer calls the real stand-in of auth.hokus.ai; the real handlers decide behind it.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from functions.authorizer import handler as authorizer
from functions.authorizer.auth_service import HttpAuthService
from functions.authorizer.post import Answer
from functions.common.errors import ModelNotFoundError
from functions.describe import handler as describe_handler
from functions.operate import handler as operations_handler
from functions.predict import handler
from infra.environments import LOCAL, PRODUCTION
from standins.auth.app import create_app
from tests.events import LambdaContext
from tests.unit.authorizer.gateway import Gateway, Request, Which, function_event

HERE, THERE = "203.0.113.7", "203.0.113.8"
LET_IN = 404
"""No model exists: an admitted caller gets 404."""
MODELS = ("iris", "wine%20list")
"""A call of the one is kept for the other."""
MODEL = "/api/v1/models/{model_id}"
LOOKING = (("GET", "/api/v1/models"), ("GET", MODEL), ("GET", f"{MODEL}/openapi.json"))
PREDICTING = (*LOOKING, ("POST", f"{MODEL}/predict"))
OPERATING = (
    ("DELETE", f"{MODEL}/deployments"),
    ("POST", f"{MODEL}/deployments/reconcile"),
    ("POST", f"{MODEL}/deployments/{{deployment_id}}/redrive"),
)
ROUTES = PREDICTING + OPERATING


def key(letter: str) -> str:
    return "hk_test_" + letter * 32


READS, WRITES, ADMIN, POOR, LIMITED = (key(letter) for letter in "rwapl")
REVOKED, UNLUCKY, HERE_ONLY, UNKNOWN = (key(letter) for letter in "vuhx")
RULES: list[dict[str, Any]] = [
    {"key": READS},
    {"key": WRITES, "answer": {"scopes": ["model:read", "model:write"]}},
    {"key": ADMIN, "answer": {"is_admin": True}},
    {"key": POOR, "answer": {"has_sufficient_balance": False, "scopes": ["admin"]}},
    {"key": LIMITED, "status": 429},
    {"key": REVOKED, "status": 401},
    {"key": UNLUCKY, "status": 500},
    {"key": HERE_ONLY, "client_ips": [HERE]},
]
CALLERS: dict[str, tuple[str, ...]] = {
    "reads": (f"Bearer {READS}",),
    "reads, scheme in small letters": (f"bearer {READS}",),
    "writes": (f"Bearer {WRITES}",),
    "administrator": (f"Bearer {ADMIN}",),
    "no balance": (f"Bearer {POOR}",),
    "at its limit": (f"Bearer {LIMITED}",),
    "revoked": (f"Bearer {REVOKED}",),
    "unknown": (f"Bearer {UNKNOWN}",),
    "the service breaks over it": (f"Bearer {UNLUCKY}",),
    "good from here only": (f"Bearer {HERE_ONLY}",),
    "no header": (),
    "empty header": ("",),
    "no scheme": (READS,),
    "another scheme": (f"Basic {READS}",),
    "another prefix": ("Bearer sk_live_" + "r" * 32,),
    "two keys": (f"Bearer {UNKNOWN}", f"Bearer {READS}"),
    "two keys the other way round": (f"Bearer {READS}", f"Bearer {UNKNOWN}"),
    "one key twice": (f"Bearer {READS}", f"Bearer {READS}"),
    "two keys in one header": (f"Bearer {READS},Bearer {UNKNOWN}",),
}
REQUESTS = [
    Request(
        method,
        resource,
        resource.replace("{model_id}", model).replace("{deployment_id}", "d1"),
        authorization,
        client_ip,
    )
    for (method, resource), model, authorization, client_ip in itertools.product(
        ROUTES, MODELS, CALLERS.values(), (HERE, THERE)
    )
]


class Nothing:
    """Dependencies of a function where no model exists."""

    def __getattr__(self, _name: str) -> Any:
        def nothing() -> Any:
            raise ModelNotFoundError("There is none.")

        return nothing


@dataclass
class Decisions:
    """Decides requests from end to end, with or without API Gateway's cache."""

    questions: list[int]

    def __post_init__(self) -> None:
        self.uncached = cache(self._uncached)

    def gateway(self, sources: Sequence[str], which: Which, ttl_s: int = 60) -> Gateway:
        return Gateway(authorizer.lambda_handler, tuple(sources), ttl_s, which)

    def status(self, gateway: Gateway, request: Request) -> int:
        found = gateway.decide(request)
        if isinstance(found, int):
            return found
        answer = self._entry(request)(function_event(request, found), LambdaContext())
        return int(answer["statusCode"])

    def _entry(self, request: Request) -> Callable[..., dict[str, Any]]:
        route = (request.method, request.resource)
        if route in OPERATING:
            return operations_handler.lambda_handler
        return (describe_handler if route in LOOKING else handler).lambda_handler

    def _uncached(self, request: Request) -> int:
        return self.status(self.gateway((), "last", ttl_s=0), request)


@pytest.fixture(scope="module")
def decisions() -> Iterator[Decisions]:
    """The stand-in in this process; only what lies behind the decision is replaced."""
    stand_in = TestClient(create_app([]))
    for rule in RULES:
        assert 204 == stand_in.post("/_standin/keys", json=rule).status_code
    questions: list[int] = []

    def forwarded(content: bytes, headers: Mapping[str, str]) -> Answer:
        questions.append(1)
        answer = stand_in.post("/api/v1/keys/validate", content=content, headers=dict(headers))
        return Answer(answer.status_code, answer.content)

    service = HttpAuthService(service_id="platform", post=forwarded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(authorizer, "auth_service", lambda: service)
        patch.setattr(handler, "predict_function", Nothing().predict_function)
        patch.setattr(describe_handler, "describe_function", Nothing().describe_function)
        patch.setattr(operations_handler, "operations", Nothing().operations)
        yield Decisions(questions)


each_which = pytest.mark.parametrize("which", ["first", "last", "joined"])


def requests_of(caller: str, *, route: tuple[str, str], client_ip: str = HERE) -> Request:
    return next(
        request
        for request in REQUESTS
        if (request.method, request.resource) == route
        and (request.authorization, request.client_ip) == (CALLERS[caller], client_ip)
    )


@pytest.mark.parametrize(
    ("caller", "predicting", "operating"),
    [
        ("reads", LET_IN, 403),
        ("reads, scheme in small letters", LET_IN, 403),
        ("writes", LET_IN, LET_IN),
        ("administrator", LET_IN, LET_IN),
        ("no balance", 402, 402),
        ("at its limit", 429, 429),
        ("revoked", 401, 401),
        ("unknown", 401, 401),
        ("the service breaks over it", 503, 503),
        ("good from here only", LET_IN, 403),
        ("no header", 401, 401),
        ("empty header", 401, 401),
        ("no scheme", 401, 401),
        ("another scheme", 401, 401),
        ("another prefix", 401, 401),
        ("two keys", 401, 401),
        ("two keys the other way round", 401, 401),
        ("one key twice", 401, 401),
        ("two keys in one header", 401, 401),
    ],
)
def test_each_kind_of_caller_is_decided_as_documented(
    decisions: Decisions, caller: str, predicting: int, operating: int
) -> None:
    """On every route, without a cache."""
    statuses = {route: decisions.uncached(requests_of(caller, route=route)) for route in ROUTES}

    expected = dict.fromkeys(PREDICTING, predicting) | dict.fromkeys(OPERATING, operating)
    assert expected == statuses


def test_a_key_that_is_bound_to_an_address_is_refused_from_another(decisions: Decisions) -> None:
    """The address reaches the service."""
    away = requests_of("good from here only", route=PREDICTING[0], client_ip=THERE)

    assert 401 == decisions.uncached(away)


@each_which
def test_a_request_after_any_other_is_decided_as_without_a_cache(
    decisions: Decisions, which: Which
) -> None:
    """Every pair of requests, through one cache."""
    gateway = decisions.gateway(PRODUCTION.authorizer_identity_sources, which)
    for request in REQUESTS:
        assert decisions.uncached(request) == decisions.status(gateway, request), request


@each_which
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests=st.lists(st.sampled_from(REQUESTS), min_size=2, max_size=12))
def test_no_order_of_requests_changes_a_decision(
    decisions: Decisions, which: Which, requests: list[Request]
) -> None:
    """Random sequences of requests, through one cache."""
    gateway = decisions.gateway(PRODUCTION.authorizer_identity_sources, which)
    for request in requests:
        assert decisions.uncached(request) == decisions.status(gateway, request)


def test_the_cache_saves_calls_of_the_service(decisions: Decisions) -> None:
    """Otherwise the other tests would show nothing."""
    gateway = decisions.gateway(PRODUCTION.authorizer_identity_sources, "last")
    decisions.questions.clear()
    for route in ROUTES:
        decisions.status(gateway, requests_of("writes", route=route))
    assert 1 == len(decisions.questions)

    gateway.now = 60
    decisions.status(gateway, requests_of("writes", route=ROUTES[0]))
    assert 2 == len(decisions.questions)


def test_without_the_address_the_cache_would_change_decisions(decisions: Decisions) -> None:
    """This is the case on the local system, where MiniStack does not tell addresses apart."""
    gateway = decisions.gateway(LOCAL.authorizer_identity_sources, "last")
    here, away = (
        requests_of("good from here only", route=PREDICTING[0], client_ip=client_ip)
        for client_ip in (HERE, THERE)
    )

    assert LET_IN == decisions.status(gateway, here)
    assert decisions.uncached(away) != decisions.status(gateway, away)
