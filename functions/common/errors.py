"""Every failure that the API reports to its callers.

ServiceError                       500 internal_error
├─ UnreadableRecordError           500 internal_error
├─ InvalidRequestError             400 invalid_request
│  └─ InvalidJsonError             400 invalid_json
├─ UnauthorizedError               401 unauthorized
├─ InsufficientBalanceError        402 insufficient_balance
├─ ForbiddenError                  403 forbidden
├─ NotFoundError                   404 not_found
│  └─ ModelNotFoundError           404 model_not_found
├─ MethodNotAllowedError           405 method_not_allowed
├─ PayloadTooLargeError            413 payload_too_large
├─ UnsupportedMediaTypeError       415 unsupported_media_type
├─ InvalidInputError               422 invalid_input
├─ ModelRejectedInputError         422 model_rejected_input
├─ RateLimitedError                429 rate_limited            retryable
│  └─ ProviderRateLimitedError     429 rate_limited            retryable
├─ ProviderError                   502 provider_error          retryable
│  ├─ ConnectionFailedError        502 provider_error          retryable
│  ├─ ProviderRefusalError         502 provider_error          retryable
│  │  └─ ProviderDeniedError       502 provider_error
│  ├─ AnswerTooLargeError          502 provider_error
│  └─ ModelFailedError             502 provider_error
├─ ModelNotReadyError              503 model_not_ready         retryable
│  └─ ModelWarmingUpError          503 model_warming_up        retryable
├─ CircuitOpenError                503 circuit_open            retryable
├─ AuthUnavailableError            503 auth_unavailable        retryable
├─ ServiceUnavailableError         503 service_unavailable     retryable
└─ ProviderTimeoutError            504 provider_timeout        retryable

Standard library only: the webhook's signature is checked before anything else is imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with an input.

    Attributes:
        pointer: JSON pointer (RFC 6901) into the request's body, e.g. `/inputs/0/age`.
        message: What was expected there. It quotes nothing that was sent.
    """

    pointer: str
    message: str


class ServiceError(Exception):
    """A failure with a public code; never raised itself.

    Attributes:
        detail: For the caller, one sentence. Holds no secret, internal address or other's data.
        retry_after_s: Whole seconds after which a retry can help; None where the class's own
            default is None too.
    """

    status = 500
    code = "internal_error"
    title = "Internal error"
    retryable = False
    default_retry_after_s: int | None = None

    def __init__(self, detail: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = self.default_retry_after_s if retry_after_s is None else retry_after_s

    @property
    def is_ours(self) -> bool:
        """Return whether it counts against our availability: the caller did nothing wrong."""
        return self.status >= 500  # noqa: PLR2004 - RFC 9110, 15.6


class UnreadableRecordError(ServiceError):
    """A record of the model cannot be read; an operator must look at it."""


class InvalidRequestError(ServiceError):
    """The request is not one that this route understands."""

    status = 400
    code = "invalid_request"
    title = "Invalid request"


class InvalidJsonError(InvalidRequestError):
    """The body is not JSON (RFC 8259: NaN and Infinity are not JSON either)."""

    code = "invalid_json"
    title = "Invalid JSON"


class UnauthorizedError(ServiceError):
    """The caller is unknown: no key, a refused key, or a signature that does not fit."""

    status = 401
    code = "unauthorized"
    title = "Unauthorized"


class InsufficientBalanceError(ServiceError):
    """The key is good, its account's balance is not."""

    status = 402
    code = "insufficient_balance"
    title = "Insufficient balance"


class ForbiddenError(ServiceError):
    """The caller is known and may not do this."""

    status = 403
    code = "forbidden"
    title = "Forbidden"


class NotFoundError(ServiceError):
    """Nothing stands at this address."""

    status = 404
    code = "not_found"
    title = "Not found"


class ModelNotFoundError(NotFoundError):
    """No deployment of this model has ever gone live."""

    code = "model_not_found"
    title = "Model not found"


class MethodNotAllowedError(ServiceError):
    """There is something at this address, but not for this method.

    Attributes:
        allowed: The methods there are, as the header `Allow` names them.
    """

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"

    def __init__(self, detail: str, *, allowed: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.allowed = tuple(allowed)


class PayloadTooLargeError(ServiceError):
    """The body is larger than this route takes."""

    status = 413
    code = "payload_too_large"
    title = "Payload too large"


class UnsupportedMediaTypeError(ServiceError):
    """The body is declared to be something else than JSON."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"


class InvalidInputError(ServiceError):
    """The input is not what the model's signature declares; the model has not been asked.

    Attributes:
        faults: What is wrong, and where; the first ones only, when there are many.
    """

    status = 422
    code = "invalid_input"
    title = "Invalid input"

    def __init__(self, detail: str, *, faults: Sequence[Fault]) -> None:
        super().__init__(detail)
        self.faults = tuple(faults)


class ModelRejectedInputError(ServiceError):
    """The model itself refused the input; sending it again gives the same answer."""

    status = 422
    code = "model_rejected_input"
    title = "The model rejected the input"


class RateLimitedError(ServiceError):
    """Too many requests: the key's own limit or the provider's."""

    status = 429
    code = "rate_limited"
    title = "Rate limited"
    retryable = True
    default_retry_after_s = 60


class ProviderRateLimitedError(RateLimitedError):
    """The limit is the provider's, so the caller's key has little to do with it.

    Attributes:
        provider_retry_after_s: Its own `Retry-After` in whole seconds; None when it sent none.
    """

    default_retry_after_s = 5

    def __init__(self, detail: str, *, provider_retry_after_s: int | None = None) -> None:
        super().__init__(detail, retry_after_s=provider_retry_after_s)
        self.provider_retry_after_s = provider_retry_after_s


class ProviderError(ServiceError):
    """The provider answered, but not with a prediction."""

    status = 502
    code = "provider_error"
    title = "Provider error"
    retryable = True


class ConnectionFailedError(ProviderError):
    """No connection, or it broke before the answer began: the model has answered nothing."""


class ProviderRefusalError(ProviderError):
    """The provider answers, and takes no such call (4xx)."""


class ProviderDeniedError(ProviderRefusalError):
    """The provider refuses our token, or the endpoint our secret: the operator's to mend."""

    retryable = False


class AnswerTooLargeError(ProviderError):
    """The answer is larger than we can hand on; the same request has the same one."""

    retryable = False


class ModelFailedError(ProviderError):
    """The model itself broke on this input; its endpoint is well, and said so.

    A model does so the same way every time.
    """

    retryable = False


class ModelNotReadyError(ServiceError):
    """The model's endpoint is paused, failed or gone; a request does not bring it back."""

    status = 503
    code = "model_not_ready"
    title = "Model not ready"
    retryable = True
    default_retry_after_s = 60


class ModelWarmingUpError(ModelNotReadyError):
    """The model's endpoint is starting; this request has woken it if it slept.

    Attributes:
        provider_retry_after_s: The provider's `Retry-After` in whole seconds; None without one.
    """

    code = "model_warming_up"
    title = "Model warming up"
    default_retry_after_s = 30

    def __init__(
        self,
        detail: str,
        *,
        retry_after_s: int | None = None,
        provider_retry_after_s: int | None = None,
    ) -> None:
        retry_after_s_ = provider_retry_after_s if retry_after_s is None else retry_after_s
        super().__init__(detail, retry_after_s=retry_after_s_)
        self.provider_retry_after_s = provider_retry_after_s


class CircuitOpenError(ServiceError):
    """The model's endpoint has failed so often that it is left alone for some seconds."""

    status = 503
    code = "circuit_open"
    title = "Circuit open"
    retryable = True
    default_retry_after_s = 5


class AuthUnavailableError(ServiceError):
    """The key could not be checked; it says nothing about the key."""

    status = 503
    code = "auth_unavailable"
    title = "Authentication unavailable"
    retryable = True
    default_retry_after_s = 5


class ServiceUnavailableError(ServiceError):
    """A part of the service (table, secrets, workflow) does not answer now, or is throttled."""

    status = 503
    code = "service_unavailable"
    title = "Service unavailable"
    retryable = True
    default_retry_after_s = 5


class ProviderTimeoutError(ServiceError):
    """No answer within the prediction's deadline."""

    status = 504
    code = "provider_timeout"
    title = "Provider timeout"
    retryable = True
