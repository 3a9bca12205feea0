"""boto3 whose calls fail with errors that quote the request, as libraries' errors do."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, InvalidURL
from typing import Any

import boto3
import botocore
from requests.exceptions import ConnectionError as RequestsConnectionError
from urllib3.exceptions import MaxRetryError

from tests.unit.secret_forms.forms import CANARIES


def _fail(**_request: Any) -> None:
    """Raise an error with a cause and a context; each quotes something else, and has a note."""
    url = f"https://key:{CANARIES['endpoint']}@x/?sig={CANARIES['webhook']}"
    try:
        try:
            HTTPConnection("x").putrequest("GET", f"/ {url}")
        except InvalidURL as error:
            raise MaxRetryError(None, url, error) from KeyError(CANARIES["mlflow_credentials"])  # type: ignore[arg-type]
    except MaxRetryError as error:
        quoting = RequestsConnectionError({"Authorization": CANARIES["huggingface_token"]})
        quoting.add_note(f"body: {CANARIES['key']}")
        raise quoting from error


@contextmanager
def quoting_errors() -> Iterator[None]:
    """Have every client that is made in the block fail at every call."""

    def listen(session: Any) -> None:
        session.register("before-parameter-build", _fail)

    botocore.register_initializer(listen)
    boto3.setup_default_session()
    try:
        yield
    finally:
        botocore.unregister_initializer(listen)
        boto3.setup_default_session()
