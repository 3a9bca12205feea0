"""`Idempotency-Key`: the same call by the same caller within the hour is answered once.

Imported only for calls that have the header.
"""

import hashlib
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from functions.common.errors import InvalidRequestError, ProviderTimeoutError
from functions.predict.single_flight.claims import LeasesUnavailableError
from functions.predict.single_flight.dynamodb_claims import DynamoLeaseStore
from functions.predict.single_flight.flight import (
    OtherWorkError,
    Result,
    SingleFlight,
    StillAtWorkError,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEPT_S = 3600.0
LEASE_MARGIN_S = 5.0
_KEY_FORM = re.compile(r"[!-~]{1,255}")


class Idempotency:
    """Answers of the last hour, by caller and key; what is kept of a key is a hash.

    Where they cannot be kept, every call is worked on: an answer twice is better than none.
    """

    def __init__(self, flight: SingleFlight, logger: Logger) -> None:
        self._flight = flight
        self._log = logger
        self._told = False

    def answer(
        self, scope: str, key: str | None, body: bytes, compute: Callable[[], bytes]
    ) -> tuple[bytes, bool]:
        """What *compute* gives, and whether an earlier call had it computed.

        *scope* is whose key it is, and for which model. *compute* is called at most once, perhaps
        only after an earlier call with the key has been waited for and has failed: it should
        count its own deadline from when the call came.

        Raises: InvalidRequestError (no such key; one that stands for another body),
        ProviderTimeoutError (the first call with it is still being worked on), and whatever
        *compute* raises, with nothing kept.
        """
        if key is None:
            return compute(), False
        if not _KEY_FORM.fullmatch(key):
            raise InvalidRequestError("An Idempotency-Key has 1 to 255 visible ASCII characters.")
        try:
            landed = self._flight.run(
                _id(scope, key), lambda: Result(compute(), KEPT_S), digest=_digest(body)
            )
        except OtherWorkError:
            raise InvalidRequestError("This Idempotency-Key came with another body.") from None
        except StillAtWorkError:
            raise ProviderTimeoutError("The first call with this key still goes on.") from None
        except LeasesUnavailableError as error:
            self._tell(str(error))
            return compute(), False
        if not landed.kept:
            self._tell("not kept")
        return landed.answer, landed.shared

    def _tell(self, reason: str) -> None:
        """Once per execution environment: an outage would fill the log with the same line."""
        if not self._told:
            self._log.warning("idempotency.unavailable", reason=reason)
        self._told = True


def shared_idempotency(
    client: "DynamoDBClient", table_name: str, *, deadline_s: float, logger: Logger
) -> Idempotency:
    """For all execution environments; *client* is expected to try once, within a second."""
    flight = SingleFlight(
        DynamoLeaseStore(client, table_name), lease_s=deadline_s + LEASE_MARGIN_S, wait_s=deadline_s
    )
    return Idempotency(flight, logger)


def _id(scope: str, key: str) -> str:
    return f"idempotency#{_digest(json.dumps([scope, key]).encode())}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
