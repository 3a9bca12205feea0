"""Checks of MLflow: address, credentials, webhook, test delivery."""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx

from doctor.findings import Finding, note, ok, wrong
from doctor.live_installation import LiveInstallation
from functions.provision.registry.credentials import Credentials
from functions.provision.webhook.base import (
    WEBHOOK_PATH,
    RegisteredWebhook,
    RegistryWebhooks,
    WebhooksError,
)
from functions.provision.webhook.keeper import WebhookKeeper, WebhookState, webhook_name

_CREDENTIALS = "MlflowCredentialsSecret"
_SUBJECT = "webhook"


def check_mlflow(live: LiveInstallation) -> Iterator[Finding]:
    """Ask for the version, with the credentials for a model, then look at the webhook."""
    address = live.registry.mlflow_tracking_uri
    yield _version(live, address)
    text = live.filled(_CREDENTIALS)
    if text is None:
        return
    # mlflow takes seconds to import.
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    from functions.provision.registry import mlflow_registry, mlflow_webhooks  # noqa: PLC0415
    from functions.provision.registry.mlflow_answers import words_of  # noqa: PLC0415

    client = mlflow_registry.connect(
        address, Credentials.from_secret(text, name="MlflowCredentialsSecret")
    )
    try:
        client.search_registered_models(max_results=1)
    except MlflowException as error:
        yield wrong("MLflow", f"refuses the credentials, or breaks. {words_of(error)}")
        return
    yield ok("MLflow", "lists models with the credentials of the secret")
    yield from webhook_findings(live, mlflow_webhooks.MlflowWebhooks(client))


def _version(live: LiveInstallation, address: str) -> Finding:
    try:
        answer = live.http.get(f"{address}/version")
    except httpx.HTTPError as error:
        return wrong(
            "MLflow",
            f"{address} does not answer you ({type(error).__name__}). The functions must reach it "
            "over the internet.",
        )
    if not answer.is_success:
        return note("MLflow", f"{address} answered {answer.status_code} when asked for its version")
    return ok("MLflow", f"{address} has version {answer.text.strip()[:20]}")


def webhook_findings(live: LiveInstallation, webhooks: RegistryWebhooks) -> Iterator[Finding]:
    """Look at this installation's webhook, and have every one that calls it send an example."""
    settings = live.webhook
    url = f"{settings.api_url}{WEBHOOK_PATH}"
    try:
        found = [each for each in webhooks.webhooks() if _is_ours(each, settings.installation, url)]
    except WebhooksError as error:
        yield wrong(_SUBJECT, str(error))
        return
    yield from _state(live, webhooks, found, url)
    for each in found:
        refused = webhooks.test(each.id)
        subject = f"test delivery of {each.content.name}"
        if refused:
            yield wrong(subject, f"was not accepted by {each.content.url}: {refused}")
        else:
            yield ok(subject, "was accepted")


def _is_ours(webhook: RegisteredWebhook, installation: str, url: str) -> bool:
    return webhook.content.name == webhook_name(installation) or webhook.content.url == url


def _state(
    live: LiveInstallation, webhooks: RegistryWebhooks, found: list[RegisteredWebhook], url: str
) -> Iterator[Finding]:
    settings = live.webhook
    if not settings.manage_webhook:
        active = any(each.active and each.content.url == url for each in found)
        yield (
            ok(_SUBJECT, "one that people keep is active")
            if active
            else wrong(_SUBJECT, f"people keep it, and none is active for {url}: make one.")
        )
        return
    keeper = WebhookKeeper(
        managed=True,
        webhooks=lambda: webhooks,
        secret=lambda: live.secret("WebhookSecret"),
        installation=settings.installation,
        url=url,
        now=lambda: datetime.now(UTC),
    )
    report = keeper.keep(dry_run=True)
    if report.state is WebhookState.KEPT:
        yield ok(_SUBJECT, f"{webhook_name(settings.installation)} is as it should be")
    else:
        yield wrong(
            _SUBJECT,
            f"{report.state} {report.detail}. The next reconciliation repairs it; if it does not, "
            "its log says why (`webhook.checked`).",
        )
    if len(found) > 1:
        yield note(_SUBJECT, f"{len(found)} webhooks call {url}: every event is delivered twice")
