"""`RegistryWebhooks` in MLflow, by mlflow-skinny."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlflow import MlflowClient
from mlflow.entities.webhook import Webhook
from mlflow.exceptions import MlflowException

from functions.provision.registry.mlflow_answers import words_of
from functions.provision.webhook.base import (
    RegisteredWebhook,
    WebhookContent,
    WebhooksError,
    WebhooksUnsupportedError,
)

_A_PAGE = 100
"""The most that MLflow's server gives."""
_MESSAGE_CHARACTERS = 300
_WITHOUT_WEBHOOKS = {"ENDPOINT_NOT_FOUND", "NOT_FOUND", "NOT_IMPLEMENTED"}
_FORBIDDEN = {"PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"}
_NO_WEBHOOKS = (
    "This MLflow has no webhooks, which came with version 3.3: the schedule finds new versions."
)
_NOT_ALLOWED = (
    "MLflow does not let these credentials manage webhooks: give the account of the secret "
    "MlflowCredentialsSecret administrator's rights in MLflow, or set MANAGE_WEBHOOK=false and "
    "make the webhook by hand."
)
_UNREADABLE = (
    "MLflow breaks on its list of webhooks. It was most likely started without "
    "MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY, or with another one, and cannot read their secrets: set "
    "the variable, and delete the rows of its table `webhooks` that were written before. Or it "
    "keeps its registry in files, not in a database, and has none."
)


class MlflowWebhooks:
    """See `RegistryWebhooks`."""

    def __init__(self, client: MlflowClient) -> None:
        self._client = client

    def webhooks(self) -> list[RegisteredWebhook]:
        found: list[RegisteredWebhook] = []
        token = None
        with _explained():
            while True:
                page = self._client.list_webhooks(max_results=_A_PAGE, page_token=token)
                found += [_registered(each) for each in page]
                token = page.token
                if not token:
                    return found

    def create(self, content: WebhookContent, *, secret: str) -> RegisteredWebhook:
        with _explained():
            return _registered(
                self._client.create_webhook(
                    name=content.name,
                    url=content.url,
                    events=_events(content),
                    description=content.description,
                    secret=secret,
                )
            )

    def update(self, webhook_id: str, content: WebhookContent, *, secret: str | None) -> None:
        with _explained():
            self._client.update_webhook(
                webhook_id,
                name=content.name,
                url=content.url,
                events=_events(content),
                description=content.description,
                secret=secret,
                status="ACTIVE",
            )

    def delete(self, webhook_id: str) -> None:
        with _explained():
            try:
                self._client.delete_webhook(webhook_id)
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise

    def test(self, webhook_id: str) -> str | None:
        with _explained():
            result = self._client.test_webhook(webhook_id, "model_version.created")
        if result.success:
            return None
        answered = result.error_message or f"{result.response_status} {result.response_body}"
        return answered[:_MESSAGE_CHARACTERS]


def _registered(webhook: Webhook) -> RegisteredWebhook:
    return RegisteredWebhook(
        id=webhook.webhook_id,
        content=WebhookContent(
            name=webhook.name,
            url=webhook.url,
            events=frozenset(map(str, webhook.events)),
            description=webhook.description or "",
        ),
        active=webhook.status.is_active(),
        created_at_ms=webhook.creation_timestamp,
    )


def _events(content: WebhookContent) -> list[Any]:
    """Return the events as a list of the literals that mlflow's types want."""
    return sorted(content.events)


@contextmanager
def _explained() -> Iterator[None]:
    """Raises: WebhooksError instead of MLflow's own."""
    try:
        yield
    except MlflowException as error:
        raise _reason(error) from None


def _reason(error: MlflowException) -> WebhooksError:
    if error.error_code in _WITHOUT_WEBHOOKS:
        return WebhooksUnsupportedError(_NO_WEBHOOKS)
    if error.error_code in _FORBIDDEN:
        return WebhooksError(_NOT_ALLOWED)
    if "too many 500" in str(error):
        return WebhooksError(_UNREADABLE)
    return WebhooksError(words_of(error))
