"""All that a function calls, on one port, with a record of the requests."""

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from functions.common.deployments.items import live_item
from functions.common.signatures.request_schema import request_schema
from tests.builders import a_live_deployment
from tests.tables import DEPLOYMENTS, STATE

CANARIES = ("canary-secret-access-key", "hf_canary-token", "canary-endpoint-secret")
"""Secrets that only this server knows."""
TENSOR = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]
AWS_JSON = "application/x-amz-json-1.0"


@dataclass(frozen=True)
class Request:
    """A request: `of` is AWS's operation, or else the path; headers by lower-case name."""

    of: str
    headers: dict[str, str]


class Outside(ThreadingHTTPServer):
    """AWS, the endpoint that serves credentials to a restored function, auth service, model."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests: list[Request] = []
        self.deployment = a_live_deployment(
            endpoint_url=f"{self.url}/model",
            endpoint_secret=CANARIES[2],
            runtime="container",
            package_digest="ab" * 32,
            input_schema=TENSOR,
            request_schema=request_schema(TENSOR, None),
        )

    def answer(self, request: Request, content: bytes) -> Any:
        """Return the JSON that answers *request*."""
        match request.of:
            case "/credentials":
                return {
                    "AccessKeyId": "key",
                    "SecretAccessKey": CANARIES[0],
                    "Token": "session",
                    "Expiration": "2999-01-01T00:00:00Z",
                }
            case "GetItem" if json.loads(content)["TableName"] == DEPLOYMENTS:
                return {"Item": live_item(self.deployment)}
            case "GetSecretValue":
                return {
                    "Name": "token",
                    "VersionId": "1" * 32,
                    "SecretString": CANARIES[1],
                    "CreatedDate": 1.0,
                }
            case "/api/v1/keys/validate":
                return {"user_id": "u1", "key_id": "k1", "scopes": ["model:read"]}
            case "/model":
                return {
                    "deployment_id": self.deployment.id,
                    "package": "ab" * 32,
                    "nonce": request.headers["x-hokus-nonce"],
                    "predictions": [1],
                }
        return {}

    def variables(self) -> dict[str, str]:
        """Return the environment of a function with SnapStart, which has no keys of AWS."""
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.url}/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "for-the-credentials",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AUTH_URL": self.url,
            "API_URL": "https://api.example/api/v1",
            "TABLE_NAME": DEPLOYMENTS,
            "STATE_TABLE_NAME": STATE,
            "RECONCILE_FUNCTION": "reconcile",
            "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:provision",
            "INSTALLATION": "tests",
            "HUGGINGFACE_NAMESPACE": "tests",
            "HUGGINGFACE_TOKEN_SECRET": "token",
            "WEBHOOK_SECRET": "webhook",
            "ENDPOINT_DOMAIN": "127.0.0.1",
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        outside: Any = self.server
        request = Request(headers.get("x-amz-target", self.path).rpartition(".")[2], headers)
        outside.requests.append(request)
        body = json.dumps(outside.answer(request, content), default=_in_base64).encode()
        self.send_response(200)
        self.send_header("Content-Type", AWS_JSON)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def _in_base64(content: bytes) -> str:
    return b64encode(content).decode()


@contextmanager
def serving() -> Iterator[Outside]:
    """Run the server."""
    with Outside() as outside:
        threading.Thread(target=outside.serve_forever, daemon=True).start()
        yield outside
        outside.shutdown()
