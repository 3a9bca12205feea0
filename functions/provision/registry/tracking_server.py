"""`ArtifactStore` of an MLflow server that hands out its artifacts itself.

Its REST API is asked with mlflow's own HTTP client, which knows credentials and certificates, and
at the server's own address alone. No redirect is followed.

Source: https://mlflow.org/docs/latest/api_reference/rest-api.html (MLflow Artifacts Service).
"""

# mlflow's helpers have no annotations.
# mypy: disable-error-code="no-untyped-call"

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import requests
from mlflow.exceptions import MlflowException
from mlflow.utils.credentials import get_default_host_creds
from mlflow.utils.rest_utils import http_request

from functions.common.packages.requirement_lines import shown
from functions.provision.registry.artifacts import MAX_FOLDERS, StoredFile
from functions.provision.registry.base import FilesRefusedError, RegistryUnavailableError

_ROUTE = "/api/2.0/mlflow-artifacts/artifacts"
_MAX_LISTING_BYTES = 8 * 1024**2
_CHUNK_BYTES = 1024**2
_DENIED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_MAY_PASS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


class TrackingServerStore:
    """See `ArtifactStore`. *root* is the folder's path on the server *tracking_uri*."""

    def __init__(self, tracking_uri: str, root: str) -> None:
        self._credentials = get_default_host_creds(tracking_uri.rstrip("/"))
        self._root = root.strip("/")

    def files(self) -> Iterator[StoredFile]:
        folders, read = [""], 0
        while folders:
            folder = folders.pop()
            read += 1
            if read > MAX_FOLDERS:
                raise FilesRefusedError(
                    f"The version has more than {MAX_FOLDERS:,} folders. Register the folder of "
                    "the model alone."
                )
            for each in self._listed(folder):
                path = f"{folder}/{each['path']}".lstrip("/")
                if each.get("is_dir"):
                    folders.append(path)
                else:
                    yield StoredFile(path, _size(each.get("file_size")))

    def chunks(self, path: str) -> Iterator[bytes]:
        with self._answer(f"/{quote(self._within(path))}") as answer:
            yield from answer.iter_content(_CHUNK_BYTES)

    def _listed(self, folder: str) -> list[dict[str, Any]]:
        content = bytearray()
        with self._answer("", params={"path": self._within(folder)}) as answer:
            for chunk in answer.iter_content(_CHUNK_BYTES):
                content += chunk
                if len(content) > _MAX_LISTING_BYTES:
                    raise FilesRefusedError(
                        "The version has a folder with too many files. Register the folder of the "
                        "model alone."
                    )
        return _entries(bytes(content))

    def _within(self, path: str) -> str:
        return "/".join(filter(None, (self._root, path)))

    @contextmanager
    def _answer(self, path: str, **options: Any) -> Iterator[requests.Response]:
        """Yield the answer to a GET.

        Raises: FilesRefusedError, RegistryUnavailableError.
        """
        try:
            answer = http_request(
                self._credentials,
                f"{_ROUTE}{path}",
                "GET",
                stream=True,
                raise_on_status=False,
                allow_redirects=False,
                **options,
            )
        except MlflowException:
            # Its message can quote addresses and headers.
            raise RegistryUnavailableError("MLflow does not answer.") from None
        with closing(answer):
            if answer.status_code != HTTPStatus.OK:
                raise _error(answer.status_code, _message(answer))
            try:
                yield answer
            except requests.RequestException:
                raise RegistryUnavailableError("MLflow's answer broke off.") from None


def _entries(content: bytes) -> list[dict[str, Any]]:
    """Raises: RegistryUnavailableError."""
    try:
        files = json.loads(content).get("files", [])
        if all(isinstance(each["path"], str) for each in files):
            return list(files)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        pass
    raise RegistryUnavailableError("MLflow's list of the version's files is not one.")


def _size(value: Any) -> int | None:
    """Return a size, which JSON of protocol buffers has as text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None  # noqa: PLR2004


def _message(answer: requests.Response) -> str:
    """Return MLflow's own words in an answer that is an error."""
    content = next(answer.iter_content(_CHUNK_BYTES), b"")
    try:
        message = json.loads(content)["message"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return answer.reason or "no explanation"
    return shown(str(message), 300)


def _error(status: int, message: str) -> Exception:
    words = f"MLflow answered {status} for the version's files: {message}."
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _MAY_PASS:
        return RegistryUnavailableError(words)
    if status < HTTPStatus.BAD_REQUEST:
        return FilesRefusedError(
            f"MLflow answered {status} for the version's files: it redirects, which is not "
            "followed. Set MLFLOW_TRACKING_URI to the server's own address.",
            may_pass=True,
        )
    if status in _DENIED:
        return FilesRefusedError(
            f"{words} Let the account of this service's credentials read them.", may_pass=True
        )
    return FilesRefusedError(f"{words} Log the model to this server, and register it from there.")
