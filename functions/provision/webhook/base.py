"""Port: the webhooks of the model registry."""

from dataclasses import dataclass
from typing import Protocol

WEBHOOK_PATH = "/webhooks/mlflow"
"""Where deliveries go, below the API's base."""
EVENTS = frozenset(
    {
        "model_version.created",
        "model_version_tag.set",
        "model_version_tag.deleted",
        "model_version_alias.created",
        "model_version_alias.deleted",
    }
)
"""The events that `functions/mlflow_hook/events.py` acts on, in MLflow's words."""


class WebhooksError(Exception):
    """The registry did not do what was asked; the message says why and what to do."""


class WebhooksUnsupportedError(WebhooksError):
    """This registry has no webhooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookContent:
    """Everything of a webhook that is ours to choose, except its secret."""

    name: str
    url: str
    events: frozenset[str]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredWebhook:
    """A webhook as the registry shows it, which is without its secret.

    Attributes:
        active: Whether events are delivered.
        created_at_ms: Milliseconds since 1970.
    """

    id: str
    content: WebhookContent
    active: bool
    created_at_ms: int


class RegistryWebhooks(Protocol):
    """The registry's webhooks. Names are not unique. Every method raises WebhooksError."""

    def webhooks(self) -> list[RegisteredWebhook]:
        """Every webhook, also those of others."""
        ...

    def create(self, content: WebhookContent, *, secret: str) -> RegisteredWebhook:
        """Create an active webhook."""
        ...

    def update(self, webhook_id: str, content: WebhookContent, *, secret: str | None) -> None:
        """Replace the content in one step and activate the webhook; None keeps the secret."""
        ...

    def delete(self, webhook_id: str) -> None:
        """Delete the webhook; one that is gone is fine."""
        ...

    def test(self, webhook_id: str) -> str | None:
        """Have the registry send an example. None: it was accepted; else what came back."""
        ...
