"""What this API has no route for reaches the existing service byte for byte; ours win.

On MiniStack with the real routes, and functions that only say that they were called. AWS differs
from it here (docs/operating.md, taking over a name): it decodes the path and encodes it anew, it
inflates compressed bodies, and it hands on the answer's headers, which MiniStack drops.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aws_cdk as cdk
import httpx
import pytest
from aws_cdk import aws_lambda as lambda_

from infra.constructs.api import Api
from infra.environments import LOCAL
from infra.function_spec import FunctionSpec
from infra.local.deployment import aws_client
from infra.routes import BASE_PATH, ROUTES, Route
from tests.local.cdk_deployment import running_ministack
from tests.local.existing_service import ANSWER, ExistingService

STACK = "Edge"
CODE = """
import json, os
def handler(event, context):
    if "methodArn" in event:
        statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        return {"principalId": "somebody", "policyDocument": policy}
    answer = {"function": os.environ["NAME"], "path": event["path"]}
    return {"statusCode": 200, "body": json.dumps(answer)}
"""
KEY = {"Authorization": "ApiKey hk_1", "X-API-Key": "hk_2", "Cookie": "a=1; b=2", "X-Own": "é"}
BINARY = bytes(range(256)) * 100
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n' + BINARY + b"\r\n--x--\r\n"


class CallNotes:
    """Stands for the functions: each only says that it was called, and with which path."""

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self._functions: dict[str, lambda_.Function] = {}

    def get(self, spec: FunctionSpec) -> SimpleNamespace:
        """Return what has the alias that everybody calls; here the function itself."""
        if spec.name not in self._functions:
            self._functions[spec.name] = lambda_.Function(
                self._stack,
                spec.name,
                runtime=lambda_.Runtime.PYTHON_3_13,
                handler="index.handler",
                code=lambda_.Code.from_inline(CODE),
                environment={"NAME": spec.name},
            )
        return SimpleNamespace(live=self._functions[spec.name])


@dataclass(frozen=True)
class Edge:
    """The API's address, without its base path, and the service behind it."""

    url: str
    service: ExistingService

    def call(self, method: str, target: str, **request: Any) -> httpx.Response:
        """Send a request whose *target* is not encoded once more."""
        url = httpx.URL(self.url)
        raw = httpx.URL(f"{url.scheme}://{url.netloc.decode()}").copy_with(
            raw_path=url.raw_path.rstrip(b"/") + target.encode("ascii")
        )
        return httpx.request(method, raw, timeout=60, **request)


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """The API's routes on MiniStack, with an existing service."""
    folder = tmp_path_factory.mktemp("edge")
    service = ExistingService()
    with service.listening(), running_ministack(folder) as aws:
        cloudformation = aws_client("cloudformation", aws)
        template = template_of(folder, service.url, aws)
        cloudformation.create_stack(StackName=STACK, TemplateBody=template)
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=STACK, WaiterConfig={"Delay": 1}
        )
        (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        (url,) = (each["OutputValue"] for each in stack["Outputs"] if each["OutputKey"] == "Url")
        yield Edge(url.removesuffix(BASE_PATH), service)


def template_of(folder: Path, service_url: str, aws: str) -> str:
    """Return the API of the local environment with an existing service, without indentation."""
    app = cdk.App(outdir=str(folder / "assembly"))
    stack = cdk.Stack(app, STACK, synthesizer=cdk.BootstraplessSynthesizer())
    origin = f"{aws}/_aws/execute-api/{{api_id}}/live"
    environment = replace(LOCAL, existing_service_url=service_url, api_origin=origin)
    api = Api(stack, "Api", environment=environment)
    api.add_routes(CallNotes(stack))  # type: ignore[arg-type]
    cdk.CfnOutput(stack, "Url", value=api.url)
    app.synth()
    template = json.loads((Path(app.outdir) / stack.template_file).read_text())
    return json.dumps(template, separators=(",", ":"))


@pytest.mark.parametrize(
    ("method", "target", "content_type", "body"),
    [
        ("GET", "/", None, b""),
        ("GET", "/api/v1/models/21/health", None, b""),
        ("GET", "/api/v1/models/21/evaluation-schedule?active=true", None, b""),
        ("PUT", "/api/v1/models/21", "application/json", b'{"name": "\xc3\xa9"}'),
        ("DELETE", "/api/v1/models/21/predict", None, b""),
        ("POST", "/api/v1/models", "application/json", b" [1,\r\n 2] "),
        ("GET", "/api/v1/users?tag=b&tag=a&empty=&q=a%2Bb%26c%20%F0%9F%99%82", None, b""),
        ("POST", "/api/v1/webhooks/stripe", "application/json; charset=utf-8", b"{}"),
        ("POST", "/api/v1/files", 'multipart/form-data; boundary="x"', MULTIPART),
        ("PUT", "/api/mlflow/artifacts/1/a%20b/%C3%A9%252F/m.pkl", "application/x-own", BINARY),
        ("POST", "/api/mlflow/api/2.0/mlflow/runs/log-batch", "application/json", b'{"run_id": 1}'),
        ("PATCH", "/a/b/c/d/e/f/g?x=1", "text/csv", b"a;b\n\xff\xfe\n"),
        ("OPTIONS", "/api/v1/auth/login", None, b""),
        ("HEAD", "/health", None, b""),
    ],
)
def test_what_is_not_ours_goes_on_as_it_is(
    edge: Edge, method: str, target: str, content_type: str | None, body: bytes
):
    """Method, path, query in its order, headers with the caller's key, body, status, answer."""
    sent = KEY | ({"Content-Type": content_type} if content_type else {})
    headers = [(name, value.encode()) for name, value in sent.items()]

    answer = edge.call(method, target, headers=headers, content=body)

    got = edge.service.requests[-1]
    asked, received = urlsplit(target), urlsplit(got.target)
    assert (method, asked.path) == (got.method, received.path)
    assert parse_qsl(asked.query, keep_blank_values=True) == parse_qsl(
        received.query, keep_blank_values=True
    )
    assert body == got.body
    for name in ("Authorization", "X-API-Key", "Cookie", "Content-Type"):
        assert sent.get(name) == got.headers.get(name.lower())
    assert ExistingService.status == answer.status_code
    assert (b"" if method == "HEAD" else ANSWER) == answer.content


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_ours_win_on_their_own_paths(edge: Edge, route: Route):
    """Each route calls its function, and nothing reaches the existing service."""
    before = len(edge.service.requests)
    path = f"{BASE_PATH}/{route.path.replace('{', '').replace('}', '')}"

    answer = edge.call(route.method, path, headers={"Authorization": "Bearer hk_1"})

    assert {"function": route.spec.name, "path": path} == answer.json()
    assert before == len(edge.service.requests)


def test_a_key_of_ours_is_still_needed_on_our_paths(edge: Edge):
    """401 comes from API Gateway, not from the existing service."""
    answer = edge.call("GET", f"{BASE_PATH}/models")

    assert (401, "unauthorized") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize("name", ["100%25", "a%23b", "%22q%22", "%F0%9F%99%82", "a%2Bb", "a+b"])
def test_a_function_gets_the_path_as_it_was_sent(edge: Edge, name: str):
    """As on AWS: it decodes the name, once."""
    path = f"{BASE_PATH}/models/{name}"

    answer = edge.call("GET", path, headers={"Authorization": "Bearer hk_1"})

    assert path == json.loads(answer.text)["path"]
