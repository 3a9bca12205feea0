"""One way in which a provider fails."""

from dataclasses import dataclass
from typing import Any

from functions.common.errors import ServiceError
from tests.faults.scripts import SMALL_BODY
from tests.faults.server import Script


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One way to fail.

    Attributes:
        error: Raised by one attempt.
        retry_after_s: The provider's own `Retry-After`, within its bound; None: there is none.
        body: Sent by the caller.
        runtime: Of the deployment.
    """

    name: str
    script: Script
    error: type[ServiceError]
    retry_after_s: int | None = None
    body: bytes = SMALL_BODY
    runtime: str = "toolkit"

    def __str__(self) -> str:
        return f"{self.runtime}: {self.name}"


def behaviour(name: str, error: type[ServiceError], script: Script, **more: Any) -> Behaviour:
    return Behaviour(name=name, error=error, script=script, **more)
