"""The one error of this stand-in, and its form on the wire."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class ApiError(Exception):
    """An answer other than success.

    Attributes:
        code: Field `code` of the body; only the proxy in front of containers sends one.
        headers: Further response headers, e.g. the Hub's `X-Error-Code`.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.headers = dict(headers or {})


def hub_error(status: int, message: str, code: str) -> ApiError:
    """Return an error of the Hub; `huggingface_hub` chooses its exception by the header."""
    return ApiError(status, message, headers={"X-Error-Code": code, "X-Error-Message": message})


async def render(_request: Request, error: Exception) -> Response:
    """Return *error* as Hugging Face sends it."""
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class alone
    body = {"error": error.message}
    if error.code is not None:
        body["code"] = error.code
    return JSONResponse(body, status_code=error.status, headers=error.headers)
