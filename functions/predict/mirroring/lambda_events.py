"""Asynchronous calls of a Lambda function, whose replies nobody waits for.

botocore's client returns when Lambda has replied, some milliseconds later. Here the connection is
made, and the reply to the event before is read, in a thread beside the call to the provider; with
the answer there, the request is written to the socket, and that is all a caller pays for. The
thread is done before that or the event is not sent, so that nothing depends on what Lambda freezes
between two calls.
"""

from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLWantReadError
from threading import Thread
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from functions.common.observability import make_logger
from functions.common.trust import system_trust

_DOMAINS = {
    "aws": "amazonaws.com",
    "aws-us-gov": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
}
"""Domain of the partition that an ARN names.
Source: https://docs.aws.amazon.com/general/latest/gr/lambda-service.html"""
_PATIENCE_S = 1.0
"""For connection and reply, in the thread."""
_WRITING_S = 0.1
"""A socket takes `copied_call.MAX_BYTES` in less, unless the network stands still."""
_ACCEPTED = 202

logger = make_logger("predict")


class LambdaEvents:
    """`EventSender` for the function *arn*; *endpoint_url* stands in for Lambda's own address."""

    def __init__(self, arn: str, credentials: Callable[[], Any], *, endpoint_url: str = "") -> None:
        partition, _, self._region = arn.split(":")[1:4]
        own = f"https://lambda.{self._region}.{_DOMAINS.get(partition, _DOMAINS['aws'])}"
        self._base = (endpoint_url or own).rstrip("/")
        self._path = f"/2015-03-31/functions/{quote(arn, safe='')}/invocations"
        self._credentials = credentials
        self._connection: HTTPConnection | None = None
        self._is_awaiting = self._is_ready = False
        self._thread: Thread | None = None

    def prepare(self) -> None:
        if self._thread and self._thread.is_alive():
            return
        self._is_ready = False
        self._thread = Thread(target=self._make_ready, daemon=True)
        self._thread.start()

    def send(self, event: bytes) -> bool:
        if self._connection is None or not self._may_send():
            return False
        signed = AWSRequest(
            "POST",
            f"{self._base}{self._path}",
            headers={"X-Amz-Invocation-Type": "Event", "Content-Type": "application/json"},
            data=event,
        )
        SigV4Auth(self._credentials(), "lambda", self._region).add_auth(signed)
        self._is_ready = False
        self._connection.sock.settimeout(_WRITING_S)
        try:
            self._connection.request("POST", self._path, event, dict(signed.headers.items()))
        except (OSError, HTTPException):
            self._close()
            raise
        self._is_awaiting = True
        return True

    def _may_send(self) -> bool:
        return self._is_ready and not (self._thread and self._thread.is_alive())

    def _make_ready(self) -> None:
        """Read the last reply, and connect where there is no connection."""
        try:
            if self._connection and self._is_awaiting:
                self._read_reply(self._connection)
            elif self._connection and self._was_ended(self._connection):
                self._close()
            if self._connection is None:
                self._connection = self._connected()
            self._is_ready = True
        except (OSError, HTTPException):
            # The next event finds a new connection.
            self._close()

    def _read_reply(self, connection: HTTPConnection) -> None:
        self._is_awaiting = False
        try:
            connection.sock.settimeout(_PATIENCE_S)
            reply = connection.getresponse()
            reply.read()
        except (OSError, HTTPException):
            self._close()
            return
        if reply.status != _ACCEPTED:
            logger.warning("mirror.refused", status=reply.status)
        if reply.will_close:
            self._close()

    def _connected(self) -> HTTPConnection:
        address = urlsplit(self._base)
        connection: HTTPConnection
        if address.scheme == "https":
            trust = system_trust()
            connection = HTTPSConnection(address.netloc, timeout=_PATIENCE_S, context=trust)
        else:
            connection = HTTPConnection(address.netloc, timeout=_PATIENCE_S)
        connection.connect()
        # A request must not connect: a caller would wait for it.
        connection.auto_open = 0
        return connection

    def _was_ended(self, connection: HTTPConnection) -> bool:
        """Return whether the other side has ended the connection while nothing was to come.

        TLS has messages of its own, such as new tickets, which are read on the way.
        """
        connection.sock.settimeout(0)
        try:
            connection.sock.recv(1)
        except (BlockingIOError, SSLWantReadError):
            return False
        except OSError:
            return True
        return True

    def _close(self) -> None:
        self._is_awaiting = self._is_ready = False
        if self._connection:
            with suppress(OSError):
                self._connection.close()
        self._connection = None
