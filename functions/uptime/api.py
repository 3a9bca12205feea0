"""Port: our own API, as a caller sees it."""

from dataclasses import dataclass
from typing import Protocol


class NoAnswerError(Exception):
    """There was no connection to the API, or it was lost.

    Attributes:
        code: Of the reason, for the log.
    """

    code = "connection_failed"


class ApiTimeoutError(NoAnswerError):
    """The API did not answer in time."""

    code = "timeout"


class NotHttpError(NoAnswerError):
    """What came is no answer by HTTP, or not all of one."""

    code = "no_http_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """An answer of the API.

    Attributes:
        content: Without a content coding; of a very long one the beginning.
        request_id: By which logs name the call; None when the answer has none.
    """

    status: int
    content: bytes
    request_id: str | None


class PredictionApi(Protocol):
    """The route `POST /models/{model_id}/predict`."""

    def predict(self, model_id: str, body: bytes, *, key: str) -> ApiAnswer:
        """Send *body*, JSON, with the API key *key*.

        Raises: NoAnswerError, or one of its kinds.
        """
        ...
