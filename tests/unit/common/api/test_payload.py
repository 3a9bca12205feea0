"""The largest body and the largest answer fit into what a Lambda function receives and returns.

AWS counts the bytes of the JSON around them, which MiniStack does not.
"""

import json
from base64 import b64decode, b64encode

import pytest
from aws_lambda_powertools.event_handler import Response

from functions.common.api.app import json_bytes_response, make_app
from functions.common.observability import make_logger
from functions.common.payload import ANY_TEXT_BYTES, MAX_BYTES, MAX_TEXT_BYTES
from tests.events import LambdaContext, event

LAMBDA_BYTES = 6_291_456
"""Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
GATEWAY_HEADERS_BYTES = 10_240
"""API Gateway passes on no more. The event has them twice.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""
CONTENTS = [b"x", b'"', b"\\", b"\n", "é".encode(), "🙂".encode(), b'"",']
LIMITS = [ANY_TEXT_BYTES, MAX_TEXT_BYTES // 2]
SIZES = [*LIMITS, *(limit + 12 for limit in LIMITS), MAX_BYTES]


def as_lambda_sends(answer: dict[str, object], *, ascii_only: bool) -> bytes:
    """Return *answer* as Lambda's runtime writes it: UTF-8 since Python 3.12, before that ASCII."""
    return json.dumps(answer, ensure_ascii=ascii_only).encode()


def answered(content: bytes) -> tuple[dict[str, object], bytes]:
    """Return an app's answer with the body *content*, and the body that a caller gets of it."""
    app = make_app(make_logger("test"))

    @app.post("/models/<model_id>/predict")
    def predict(model_id: str) -> Response[str]:  # noqa: ARG001 - Powertools passes it
        return json_bytes_response(content)

    answer = app.resolve(event("predict"), LambdaContext())  # type: ignore[arg-type]
    body = answer["body"]
    return answer, b64decode(body) if answer["isBase64Encoded"] else body.encode()


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii_only", [False, True])
def test_an_answer_fits_whatever_it_holds(content: bytes, size: int, ascii_only: bool) -> None:
    """Quotes and backslashes double as text, other characters can grow to six bytes."""
    whole = content * (size // len(content))

    answer, received = answered(whole)

    assert whole == received
    assert 200 == answer["statusCode"]
    assert len(as_lambda_sends(answer, ascii_only=ascii_only)) <= LAMBDA_BYTES


def test_a_larger_answer_is_502_and_says_so() -> None:
    """At the byte; it is never `internal_error`, nor an error of API Gateway's."""
    whole, _ = answered(b"x" * MAX_BYTES)
    answer, body = answered(b"x" * (MAX_BYTES + 1))
    problem = json.loads(body)

    assert (200, 502) == (whole["statusCode"], answer["statusCode"])
    assert ("provider_error", False) == (problem["code"], problem["retryable"])
    assert "larger than 4 MB" in problem["detail"]


@pytest.mark.parametrize("content", [b"[]", b"1," * (MAX_BYTES // 2)])
def test_answers_travel_as_text(content: bytes) -> None:
    """Small ones, and large ones without much to escape: API Gateway decodes nothing then."""
    answer, _ = answered(content)

    assert (False, content.decode()) == (answer["isBase64Encoded"], answer["body"])


def test_the_largest_body_fits_with_all_that_comes_with_it() -> None:
    """In base64, as API Gateway hands over every body."""
    request = event("predict")
    headers = {"X-Filling": GATEWAY_HEADERS_BYTES * "x"}
    repeated = {name: [value] for name, value in headers.items()}
    body = b64encode(bytes(MAX_BYTES)).decode()
    sent = request | {"headers": headers, "multiValueHeaders": repeated, "body": body}

    assert len(json.dumps(sent).encode()) <= LAMBDA_BYTES
