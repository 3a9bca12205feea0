"""The signature check, on deliveries signed as MLflow signs them."""

import base64
import hashlib
import hmac

import pytest

from functions.common.errors import UnauthorizedError
from functions.mlflow_hook.signature import FUTURE_TOLERANCE_S, MAX_AGE_S, SignedDelivery

NOW = 1_790_000_000
BODY = '{"name": "Grüße"}'.encode()


def signed_headers(body: bytes = BODY, *, secret: str = "s3cret", at: int = NOW) -> dict[str, str]:
    """Return headers as MLflow makes them (facts: webhooks)."""
    signed = b"delivery-1." + str(at).encode() + b"." + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return {
        "X-MLflow-Delivery-Id": "delivery-1",
        "X-MLflow-Timestamp": str(at),
        "X-MLflow-Signature": "v1," + base64.b64encode(digest).decode(),
    }


def test_a_genuine_delivery_passes() -> None:
    """Signature and age are right."""
    delivery = SignedDelivery.from_request(signed_headers(), BODY)

    delivery.check_age(now_unix_s=NOW + 1)
    delivery.check_signature(["s3cret"])


def test_the_case_of_header_names_does_not_matter() -> None:
    """HTTP/2 sends them in lower case."""
    headers = {name.lower(): value for name, value in signed_headers().items()}

    SignedDelivery.from_request(headers, BODY).check_signature(["s3cret"])


def test_the_predecessor_of_a_rotated_secret_is_accepted() -> None:
    """MLflow may not know the new one yet."""
    delivery = SignedDelivery.from_request(signed_headers(), BODY)

    delivery.check_signature(["rotated", "s3cret"])


@pytest.mark.parametrize("secrets", [[], ["other"], ["S3cret"], [""]])
def test_another_secret_is_refused(secrets: list[str]) -> None:
    """Only the exact secret gives the right signature."""
    delivery = SignedDelivery.from_request(signed_headers(), BODY)

    with pytest.raises(UnauthorizedError):
        delivery.check_signature(secrets)


def test_a_changed_body_is_refused() -> None:
    """One byte suffices."""
    delivery = SignedDelivery.from_request(signed_headers(), BODY + b" ")

    with pytest.raises(UnauthorizedError):
        delivery.check_signature(["s3cret"])


@pytest.mark.parametrize("missing", sorted(signed_headers()))
def test_a_missing_header_is_refused(missing: str) -> None:
    """An unsigned webhook has no signature header at all."""
    headers = {name: value for name, value in signed_headers().items() if name != missing}

    with pytest.raises(UnauthorizedError):
        SignedDelivery.from_request(headers, BODY)


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "1e9", "١٢٣", "9" * 13, " 1"])
def test_a_timestamp_that_is_no_number_is_refused(timestamp: str) -> None:
    """Before it is used in arithmetic."""
    with pytest.raises(UnauthorizedError):
        SignedDelivery.from_request(signed_headers() | {"X-MLflow-Timestamp": timestamp}, BODY)


@pytest.mark.parametrize("age_s", [-FUTURE_TOLERANCE_S, 0, 130, MAX_AGE_S])
def test_the_age_of_a_retry_is_accepted(age_s: int) -> None:
    """A retry has the first attempt's timestamp, up to about 130 s old."""
    SignedDelivery.from_request(signed_headers(), BODY).check_age(now_unix_s=NOW + age_s)


@pytest.mark.parametrize("age_s", [-FUTURE_TOLERANCE_S - 1, MAX_AGE_S + 1, 10**9])
def test_a_replay_is_refused(age_s: int) -> None:
    """Old deliveries and those from the future."""
    with pytest.raises(UnauthorizedError):
        SignedDelivery.from_request(signed_headers(), BODY).check_age(now_unix_s=NOW + age_s)
