"""Calls full of canaries through the real handlers, put together as for Lambda; a script.

`python -m tests.unit.predict.canary.calls <file>` writes what every caller was answered to the
file. Whatever else it prints is what Lambda would log, metrics included. DynamoDB and Secrets
Manager are moto's; provider and auth service are servers on this machine that misbehave.
"""

import gzip
import json
import os
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.record import HUB_RUNTIME, Status
from tests.builders import a_live_deployment, set_desired
from tests.events import LambdaContext, event
from tests.tables import DEPLOYMENTS, STATE, create_table

KEY = "hk_live_CANARY-KEY-" + "k" * 21
REFUSED_KEY = "hk_live_CANARY-REFUSED-KEY-" + "r" * 13
BROKEN_KEY = "hk_live_CANARY-BROKEN-KEY-" + "b" * 14
TOKEN = "hf_CANARY-TOKEN"
SECRET = "CANARY-ENDPOINT-SECRET"
OF_PROVIDER = "CANARY-OF-THE-PROVIDER"
OF_AUTH_SERVICE = "CANARY-OF-THE-AUTH-SERVICE"
HEADER, IDEMPOTENCY_KEY = "CANARY-HEADER", "CANARY-IDEMPOTENCY-KEY"
BODY, FIELD = "CANARY-IN-A-BODY", "CANARY-FIELD"
CALLERS = ("canary", "other")
MODES = {
    "fine": (200, None),
    "rejecting": (200, None),
    "failing": (200, None),
    "html": (500, f"<html>{OF_PROVIDER}</html>"),
    "proxy": (502, json.dumps({"error": OF_PROVIDER, "code": OF_PROVIDER})),
    "denying": (401, json.dumps({"error": f"{OF_PROVIDER} {TOKEN}"})),
    "limiting": (429, OF_PROVIDER),
    "gone": (404, OF_PROVIDER),
    "paused": (400, json.dumps({"error": f"{OF_PROVIDER} paused", "code": 400})),
    "starting": (503, json.dumps({"error": OF_PROVIDER})),
    "moved": (302, OF_PROVIDER),
    "not-json": (200, OF_PROVIDER),
    "not-ours": (200, json.dumps({"deployment_id": OF_PROVIDER, "ok": True, "predictions": []})),
    "cut-off": (200, None),
    "hub": (400, None),
}
"""Status and body of the provider's answer; None where it depends on the request."""


@dataclass
class Record:
    """The output of the functions, beside the log."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    sent_to_provider: list[str] = field(default_factory=list)
    sent_to_auth_service: list[str] = field(default_factory=list)


class _Quiet(BaseHTTPRequestHandler):
    """Answers POST by `self.server.answer(self, body)`, which writes the whole response."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answer(self, body)  # type: ignore[attr-defined]

    def reply(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        """Print nothing: output counts as log."""


@contextmanager
def serving(answer: Any) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Quiet)
    server.answer = answer  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def auth_service(record: Record) -> Any:
    def answer(request: _Quiet, body: bytes) -> None:
        key = request.headers["Authorization"].removeprefix("Bearer ")
        record.sent_to_auth_service.append(f"{key} {body.decode()}")
        if key == REFUSED_KEY:
            return request.reply(401, json.dumps({"detail": f"{OF_AUTH_SERVICE} {key}"}))
        if key == BROKEN_KEY:
            return request.reply(500, f"{OF_AUTH_SERVICE} {key}", X_Canary=OF_AUTH_SERVICE)
        owner = {"user_id": "user-1", "key_id": "key-1", "scopes": ["model:write"], "email": key}
        return request.reply(200, json.dumps(owner))

    return answer


def provider(record: Record, deployments: dict[str, str]) -> Any:
    """*deployments* has the deployment's id by mode."""

    def answer(request: _Quiet, body: bytes) -> None:
        mode = request.path.strip("/")
        record.sent_to_provider.append(f"{request.headers['Authorization']} {body.decode()}")
        envelope: dict[str, Any] = {"deployment_id": deployments[mode], "package": "p"}
        message = f"{OF_PROVIDER}: could not convert {body.decode()[:80]}"
        if mode == "fine":
            return request.reply(200, json.dumps({"ok": True, "predictions": [1], **envelope}))
        if mode in {"rejecting", "failing"}:
            type_ = "rejected_input" if mode == "rejecting" else "model_error"
            error = {"type": type_, "message": message}
            return request.reply(200, json.dumps({"ok": False, "error": error, **envelope}))
        if mode == "cut-off":
            request.close_connection = True
            return request.reply(200, OF_PROVIDER, Content_Length="1000")
        if mode == "hub":
            return request.reply(400, json.dumps({"error": f"{message} {request.headers}"}))
        status, text = MODES[mode]
        assert text
        headers = {"X_Canary": OF_PROVIDER, "Location": f"http://127.0.0.1:9/{OF_PROVIDER}"}
        return request.reply(status, text, **headers)

    return answer


def prepare(dynamodb: Any, provider_url: str, deployments: dict[str, str]) -> None:
    """Tables, secret, and a live deployment for every mode."""
    for table in (DEPLOYMENTS, STATE):
        create_table(table, dynamodb)
    boto3.client("secretsmanager").create_secret(Name="token", SecretString=TOKEN)
    store = DynamoDeploymentStore(dynamodb, DEPLOYMENTS)
    for mode in MODES:
        deployment = a_live_deployment(
            model_id=mode,
            status=Status.DEPLOYING,
            endpoint_url=f"{provider_url}/{mode}",
            endpoint_secret=SECRET,
            runtime=HUB_RUNTIME if mode == "hub" else "toolkit",
        )
        deployments[mode] = deployment.id
        store.add(deployment)
        set_desired(store, deployment)
        store.activate(deployment)


class Calls:
    """Every call as two callers make it, one after the other: one is full of canaries."""

    def __init__(self, record: Record) -> None:
        # Imported when the environment is set, as in Lambda.
        from functions.authorizer import handler as authorizer  # noqa: PLC0415
        from functions.describe import handler as describe  # noqa: PLC0415
        from functions.operate import handler as operate  # noqa: PLC0415
        from functions.predict import handler as predict  # noqa: PLC0415

        self._record = record
        self._authorizer, self._predict = authorizer, predict
        self._describe, self._operate = describe, operate

    def make(self) -> None:
        for caller in CALLERS:
            for key in (KEY, REFUSED_KEY, BROKEN_KEY, "CANARY-NO-KEY"):
                self._authorize(caller, f"Bearer {key}")
            self._authorize(caller, f"Basic {KEY}")
            self._authorize(caller, f"Bearer {KEY}", f"Bearer {REFUSED_KEY}")
            for mode in MODES:
                for _ in range(2):
                    self._call(caller, f"predict {mode}", self._predict, f"{mode}/predict")
            self._bad_bodies(caller)
            self._other_functions(caller)

    def _bad_bodies(self, caller: str) -> None:
        canary = BODY if caller == "canary" else "ordinary"
        name = FIELD if caller == "canary" else "ordinary"
        unknown = {"inputs": [1], name: canary}
        compressed = gzip.compress(json.dumps({"inputs": canary}).encode())
        kinds: dict[str, dict[str, Any]] = {
            "syntax": {"body": f'{{"inputs": "{canary}'},
            "unknown field": {"body": json.dumps(unknown)},
            "not an object": {"body": json.dumps([canary])},
            "other type": {"headers": {"Content-Type": f"text/{canary}"}},
            "other coding": {"headers": {"Content-Encoding": canary}},
            "broken gzip": {
                "headers": {"Content-Encoding": "gzip"},
                "body": b64encode(compressed[:-9]).decode(),
                "isBase64Encoded": True,
            },
            "bad idempotency key": {"headers": {"Idempotency-Key": f"{canary} é"}},
            "bad preference": {"headers": {"Prefer": f"wait={canary}"}},
        }
        for what, changes in kinds.items():
            self._call(caller, what, self._predict, "fine/predict", **changes)

    def _other_functions(self, caller: str) -> None:
        canary = BODY if caller == "canary" else "ordinary"
        for what, method, path in (
            ("model", "GET", "fine"),
            ("unknown model", "GET", "unknown"),
            ("unknown method", "PATCH", "fine"),
        ):
            self._call(caller, what, self._describe, path, httpMethod=method)
        request = json.dumps({"model_version": canary})
        self._call(caller, "operate", self._operate, "fine/deployments", body=request)

    def _authorize(self, caller: str, *authorization: str) -> None:
        headers = {"Authorization": authorization[-1]}
        several = {"Authorization": [*authorization], "Cookie": [HEADER]}
        question = event("authorizer", headers=headers, multiValueHeaders=several)
        try:
            answer: Any = self._authorizer.lambda_handler(question, None)
        except Exception as error:  # noqa: BLE001 - API Gateway turns it into an answer
            answer = str(error)
        self._note(caller, "authorize", answer)

    def _call(self, caller: str, what: str, function: Any, path: str, **changes: Any) -> None:
        recorded = event("predict")
        mine = caller == "canary"
        headers = {
            **recorded["headers"],
            **({"Cookie": HEADER, "User-Agent": HEADER} if mine else {}),
            "Authorization": f"Bearer {KEY}",
            "Idempotency-Key": IDEMPOTENCY_KEY if mine else f"{what} {path}".replace(" ", "/"),
            **changes.pop("headers", {}),
        }
        body = json.dumps({"inputs": [BODY if mine else "ordinary"]})
        made = {"body": body, "path": f"/api/v1/models/{path}", "headers": headers, **changes}
        several = {name: [value] for name, value in headers.items()}
        request = recorded | made | {"multiValueHeaders": several}
        answer = function.lambda_handler(request, LambdaContext())
        self._note(caller, what, answer)

    def _note(self, caller: str, what: str, answer: Any) -> None:
        self._record.answers.append({"caller": caller, "what": what, "text": json.dumps(answer)})


def main(file: Path) -> None:
    record, deployments = Record(), dict[str, str]()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    with (
        serving(provider(record, deployments)) as provider_url,
        serving(auth_service(record)) as auth_url,
    ):
        os.environ.update(
            AWS_ENDPOINT_URL=f"http://{host}:{port}",
            TABLE_NAME="deployed_models",
            STATE_TABLE_NAME="serving_state",
            HUGGINGFACE_NAMESPACE="hokus",
            HUGGINGFACE_TOKEN_SECRET="token",
            ENDPOINT_DOMAIN="127.0.0.1",
            PREDICTION_DEADLINE_S="3",
            RECONCILE_FUNCTION="reconcile",
            STATE_MACHINE_ARN="arn:aws:states:us-east-1:123456789012:stateMachine:none",
            INSTALLATION="test",
            API_URL="https://api.example/api/v1",
            AUTH_URL=auth_url,
        )
        prepare(boto3.client("dynamodb"), provider_url, deployments)
        Calls(record).make()
    moto.stop()
    file.write_text(json.dumps(asdict(record)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
