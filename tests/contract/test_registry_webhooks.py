"""The fake webhooks and MLflow's, over its own REST API, behave the same.

MLflow's server runs in a thread of this process, with SQLite as its store.
"""

import os
import sqlite3
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from functions.provision.webhook.base import (
    EVENTS,
    RegistryWebhooks,
    WebhookContent,
    WebhooksError,
    WebhooksUnsupportedError,
)
from tests.fakes.registry_webhooks import FakeRegistryWebhooks

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

with warnings.catch_warnings():
    # mlflow warns about its own type hints while it is imported.
    warnings.simplefilter("ignore")
    import mlflow
    from werkzeug.serving import make_server

    from functions.provision.registry import mlflow_webhooks
    from functions.provision.registry.credentials import Credentials
    from functions.provision.registry.mlflow_registry import connect
    from functions.provision.registry.mlflow_webhooks import MlflowWebhooks

# MLflow's tables use what SQLAlchemy has come to discourage.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Receiver(BaseHTTPRequestHandler):
    """Where deliveries go: remembers them, and answers with *status*."""

    status = 200
    delivered: list[str | None] = []  # noqa: RUF012 - cleared by the fixture

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.delivered.append(self.headers["X-MLflow-Signature"])
        self.send_response(self.status)
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def receiver() -> Iterator[str]:
    """Address of a server that takes deliveries."""
    Receiver.status = 200
    Receiver.delivered.clear()
    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's database."""
    return tmp_path_factory.mktemp("mlflow") / "mlflow.db"


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[str]:
    """Address of an MLflow server whose webhooks may call this machine."""
    before = mlflow.get_tracking_uri()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("_MLFLOW_SERVER_FILE_STORE", f"sqlite:///{database}")
        patch.setenv("_MLFLOW_SERVER_ARTIFACT_ROOT", str(database.parent))
        patch.setenv("MLFLOW_WEBHOOK_ALLOWED_SCHEMES", "http,https")
        patch.setenv("MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", "true")
        patch.setenv("MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES", "0")
        patch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
        patch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")
        from mlflow.server import app  # noqa: PLC0415 - reads its variables here

        running = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=running.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{running.server_port}"
        # The first request makes the server's store, which becomes the whole process's registry.
        httpx.get(f"{address}/api/2.0/mlflow/webhooks", timeout=60).raise_for_status()
        mlflow.set_registry_uri("")
        yield address
        running.shutdown()
    mlflow.set_tracking_uri(before)


@pytest.fixture(params=["fake", "mlflow"])
def webhooks(request: pytest.FixtureRequest) -> RegistryWebhooks:
    """The fake, then MLflow."""
    if request.param == "fake":
        return FakeRegistryWebhooks()
    address = request.getfixturevalue("server")
    made = MlflowWebhooks(connect(address, Credentials()))
    for each in made.webhooks():
        made.delete(each.id)
    return made


def content(url: str = "https://api.test/hook", **changes: object) -> WebhookContent:
    values = {"name": "hokus-1", "url": url, "events": EVENTS, "description": "ours", **changes}
    return WebhookContent(**values)  # type: ignore[arg-type]


def test_a_created_webhook_is_listed(webhooks: RegistryWebhooks) -> None:
    """Active, with all of its content."""
    made = webhooks.create(content(), secret="s")

    assert [made] == webhooks.webhooks()
    assert (content(), True) == (made.content, made.active)


def test_names_are_not_unique(webhooks: RegistryWebhooks) -> None:
    """They differ in id and age."""
    made = [webhooks.create(content(), secret="s") for _ in range(2)]

    assert {each.id for each in made} == {each.id for each in webhooks.webhooks()}
    assert made[0].created_at_ms <= made[1].created_at_ms


def test_an_update_replaces_the_content(webhooks: RegistryWebhooks) -> None:
    """All of it, and nothing of another webhook."""
    made, other = (webhooks.create(content(name=name), secret="s") for name in ("hokus-1", "x"))
    changed = content("https://new.test", events=EVENTS - {"model_version.created"})

    webhooks.update(made.id, changed, secret=None)

    found = {each.id: each for each in webhooks.webhooks()}
    assert (changed, other) == (found[made.id].content, found[other.id])


def test_deleting_twice_is_fine(webhooks: RegistryWebhooks) -> None:
    """Two reconciliations at once may both delete it."""
    made = webhooks.create(content(), secret="s")

    webhooks.delete(made.id)
    webhooks.delete(made.id)

    assert [] == webhooks.webhooks()


def mlflow_at(address: str) -> MlflowWebhooks:
    return MlflowWebhooks(connect(address, Credentials()))


def test_more_than_a_page_is_listed(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow lists a hundred at a time; here two."""
    monkeypatch.setattr(mlflow_webhooks, "_A_PAGE", 2)
    webhooks = mlflow_at(server)
    made = {webhooks.create(content(), secret="s").id for _ in range(5)}

    assert made <= {each.id for each in webhooks.webhooks()}


def test_an_update_activates_and_keeps_or_replaces_the_secret(server: str, receiver: str) -> None:
    """MLflow signs its test delivery with it."""
    webhooks = mlflow_at(server)
    made = webhooks.create(content(receiver), secret="first")
    webhooks._client.update_webhook(made.id, status="DISABLED")
    assert not next(each for each in webhooks.webhooks() if each.id == made.id).active

    webhooks.update(made.id, content(receiver), secret=None)
    assert next(each for each in webhooks.webhooks() if each.id == made.id).active
    assert webhooks.test(made.id) is None
    webhooks.update(made.id, content(receiver), secret="second")
    assert webhooks.test(made.id) is None

    assert 2 == len(set(Receiver.delivered))


@pytest.mark.parametrize("status", [401, 404])
def test_a_refused_test_delivery_says_what_came_back(
    server: str, receiver: str, status: int
) -> None:
    """The status, for people."""
    webhooks = mlflow_at(server)
    made = webhooks.create(content(receiver), secret="s")
    Receiver.status = status

    assert str(status) in (webhooks.test(made.id) or "")


def test_an_address_that_nobody_has_is_not_accepted(server: str) -> None:
    """MLflow's error, for people."""
    webhooks = mlflow_at(server)
    made = webhooks.create(content("http://127.0.0.1:9"), secret="s")

    assert "Failed to test webhook" in (webhooks.test(made.id) or "")


def test_a_private_address_is_refused_with_mlflows_reason(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As MLflow does unless it is started with a variable that allows it."""
    monkeypatch.setenv("MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS", "false")

    with pytest.raises(WebhooksError, match=r"127\.0\.0\.1"):
        mlflow_at(server).create(content("https://127.0.0.1"), secret="s")


def test_an_mlflow_with_another_encryption_key_is_explained(server: str, database: Path) -> None:
    """Without the variable MLflow makes a key at each start, and cannot read its own list."""
    webhooks = mlflow_at(server)
    made = webhooks.create(content(), secret="s")
    of_another_start = Fernet(Fernet.generate_key()).encrypt(b"s").decode()
    with closing(sqlite3.connect(database, autocommit=True)) as rows:
        rows.execute("UPDATE webhooks SET secret = ?", [of_another_start])
        with pytest.raises(WebhooksError, match="MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"):
            webhooks.webhooks()
        rows.execute("UPDATE webhooks SET secret = NULL")

    assert made.id in {each.id for each in webhooks.webhooks()}


@pytest.mark.parametrize("status", [404, 501])
def test_an_mlflow_without_webhooks_is_unsupported(receiver: str, status: int) -> None:
    """Before version 3.3 there is no such address."""
    Receiver.status = status

    with pytest.raises(WebhooksUnsupportedError, match=r"3\.3"):
        mlflow_at(receiver).webhooks()


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_without_the_right_are_explained(receiver: str, status: int) -> None:
    """MLflow's basic authentication lets administrators alone manage webhooks."""
    Receiver.status = status

    with pytest.raises(WebhooksError, match="administrator"):
        mlflow_at(receiver).webhooks()
