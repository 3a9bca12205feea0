"""No command for people prints a secret of whoever runs it, whatever form the secret has and
whatever the services answer; none has one on a command line."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from doctor.__main__ import CHECKS
from doctor.findings import found_by
from doctor.live_installation import LiveInstallation
from tests.canaries import traces
from tests.doctor.examined import CALLING, MANAGING, Examined
from tests.unit.secret_forms.echo import NO_HTTP, EchoServer, echoing
from tests.unit.secret_forms.forms import ALL_FORMS, MLFLOW_FIELDS, mlflow_secret

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SECRET = "hf_CANARYOFTHETERMINAL01234567"
STATUSES = (200, 401, NO_HTTP)


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoServer]:
    """A server that stands for every service and repeats all that it was sent."""
    with echoing() as server:
        yield server


def shown(text: str) -> list[str]:
    return [each for each in traces(SECRET) if each in text]


def printed(module: str, *arguments: str, **variables: str) -> str:
    """Run a command to its end with these variables and no others of services; return what it
    printed."""
    services = ("AWS_", "HF_", "MLFLOW_")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(services)}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**kept, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("status", STATUSES)
def test_the_canary_prints_no_token(echo: EchoServer, status: int) -> None:
    """When Hugging Face repeats it."""
    echo.status = status
    urls = ("--api-url", echo.url, "--hub-url", echo.url, "--registry-url", echo.url)

    text = printed("canary", "--namespace", "n", *urls, HF_TOKEN=SECRET)

    assert any(SECRET in request for request in echo.requests)
    assert [] == shown(text)


@pytest.mark.parametrize("form", ["a header of its own", "beyond latin-1"])
def test_the_canary_refuses_a_token_by_name(echo: EchoServer, form: str) -> None:
    """Before any library is given it."""
    text = printed(
        "canary", "--namespace", "n", "--api-url", echo.url, HF_TOKEN=ALL_FORMS[form](SECRET)
    )

    assert "The secret HF_TOKEN" in text
    assert [] == shown(text)


AWS = {"CONFIRM": "production", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": SECRET}


@pytest.mark.parametrize(
    ("module", "status", "form"),
    [
        ("doctor", NO_HTTP, "plain"),
        ("infra.undeploy_all", 400, "a header of its own"),
    ],
)
def test_no_credentials_of_aws_are_printed(
    echo: EchoServer, module: str, status: int, form: str
) -> None:
    """AWS repeats headers in some refusals, a session's token among them."""
    echo.status = status
    token = ALL_FORMS[form](SECRET)

    text = printed(module, "production", AWS_ENDPOINT_URL=echo.url, AWS_SESSION_TOKEN=token, **AWS)

    assert "botocore.exceptions." in text or "botocore.parsers." in text
    assert [] == shown(text)


@pytest.mark.parametrize(
    ("status", "form"), [(401, "plain"), (NO_HTTP, "beyond latin-1"), (200, "a header of its own")]
)
def test_the_check_of_a_model_prints_no_credentials(
    echo: EchoServer, status: int, form: str
) -> None:
    """MLflow's client quotes the header that it could not send."""
    echo.status = status
    uri = {"MLFLOW_TRACKING_URI": echo.url, "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"}

    text = printed(
        "check_model", "models:/iris/1", MLFLOW_TRACKING_TOKEN=ALL_FORMS[form](SECRET), **uri
    )

    assert "MLflow's client cannot read models:/iris/1" in text or "log_model" in text
    assert [] == shown(text)


@pytest.fixture
def it() -> Iterator[Examined]:
    """An installation in an account of moto's."""
    with mock_aws():
        yield Examined()


@pytest.fixture
def installation(
    it: Examined, echo: EchoServer, monkeypatch: pytest.MonkeyPatch
) -> LiveInstallation:
    """An installation all of whose services are the server."""
    for name in ("HUGGINGFACE_API_URL", "HUGGINGFACE_HUB_URL", "MLFLOW_TRACKING_URI", "AUTH_URL"):
        it.variables[name] = echo.url
    it.outputs["ApiUrl"] = echo.url
    for name in ("TRACKING_USERNAME", "TRACKING_PASSWORD", "TRACKING_TOKEN", "TRACKING_URI"):
        # The check sets it for the whole process.
        monkeypatch.setenv(f"MLFLOW_{name}", "")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return LiveInstallation(it.live().installation)


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("field", [*MLFLOW_FIELDS, None], ids=str)
@pytest.mark.filterwarnings("ignore::Warning")
def test_the_doctor_prints_no_secret_of_the_installation(
    it: Examined,
    installation: LiveInstallation,
    echo: EchoServer,
    field: str | None,
    status: int,
) -> None:
    """Whichever check it is in, and whatever the services repeat."""
    echo.status = status
    for name, form in (
        ALL_FORMS.items() if status == STATUSES[0] else [("plain", ALL_FORMS["plain"])]
    ):
        for output in (MANAGING, CALLING, "WebhookSecret"):
            it.put(output, form(SECRET))
        it.put("MlflowCredentialsSecret", mlflow_secret(form(SECRET), field))

        findings = [
            str(finding)
            for subject, check in CHECKS.items()
            for finding in found_by(check, subject, installation)
        ]

        assert len(findings) >= len(CHECKS), name
        assert [] == shown("\n".join(findings)), name
