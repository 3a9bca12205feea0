"""MLflow's webhook signature, checked with the standard library alone.

Source: MLflow's webhook documentation; the signature is
`v1,` + base64(HMAC-SHA256(secret, delivery id + "." + unix timestamp + "." + raw body)).
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from functions.common.errors import UnauthorizedError

_VERSION = "v1,"
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
MAX_AGE_S = 300
"""MLflow retries for up to about 130 s and keeps the first attempt's timestamp."""
FUTURE_TOLERANCE_S = 60
"""Seconds that MLflow's clock may run ahead of ours."""


class DeliveryRefusedError(UnauthorizedError):
    """The delivery is not known to be MLflow's.

    Attributes:
        reason: `unsigned`, `stale` or `wrong_signature`; dimension of a metric.
    """

    def __init__(self, detail: str, *, reason: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignedDelivery:
    """A webhook delivery that claims to be MLflow's.

    Attributes:
        timestamp: Unix seconds of the first attempt; retries carry the same.
    """

    id: str
    timestamp: str
    signature: str
    body: bytes

    @classmethod
    def from_request(cls, headers: Mapping[str, str], body: bytes) -> Self:
        """Read the three headers, whatever their case.

        Raises: DeliveryRefusedError (one is missing or the timestamp is not a number).
        """
        given = {name.lower(): value for name, value in headers.items()}
        delivery = cls(
            id=given.get("x-mlflow-delivery-id", ""),
            timestamp=given.get("x-mlflow-timestamp", ""),
            signature=given.get("x-mlflow-signature", ""),
            body=body,
        )
        if not (delivery.id and delivery.signature and _TIMESTAMP.fullmatch(delivery.timestamp)):
            raise DeliveryRefusedError("The delivery is not signed.", reason="unsigned")
        return delivery

    def check_age(self, *, now_unix_s: float) -> None:
        """Raises: DeliveryRefusedError (older than `MAX_AGE_S`, or from the future)."""
        age_s = now_unix_s - int(self.timestamp)
        if not -FUTURE_TOLERANCE_S <= age_s <= MAX_AGE_S:
            raise DeliveryRefusedError(
                "The delivery's timestamp is too old or in the future.", reason="stale"
            )

    def check_signature(self, secrets: Iterable[str]) -> None:
        """Accept any of *secrets*, which are tried in order and only as far as needed.

        Raises: DeliveryRefusedError (none of them made this signature).
        """
        if not any(hmac.compare_digest(self._expected(secret), self._given) for secret in secrets):
            raise DeliveryRefusedError(
                "The delivery's signature does not fit.", reason="wrong_signature"
            )

    @property
    def _given(self) -> bytes:
        return self.signature.encode()

    def _expected(self, secret: str) -> bytes:
        signed = b".".join([self.id.encode(), self.timestamp.encode(), self.body])
        digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
        return _VERSION.encode() + base64.b64encode(digest)
