"""`RegistryWebhooks` in memory, with the secrets that the registry would not show."""

from dataclasses import replace
from itertools import count

from functions.provision.webhook.base import RegisteredWebhook, WebhookContent


class FakeRegistryWebhooks:
    """Has no webhooks at first. Set `error` to make every call fail.

    Attributes:
        secrets: By the webhook's id, what it signs with.
        answer: What a test delivery comes back with; None: it is accepted.
        tested: Ids in the order of test deliveries.
    """

    def __init__(self) -> None:
        self.by_id: dict[str, RegisteredWebhook] = {}
        self.secrets: dict[str, str] = {}
        self.answer: str | None = None
        self.tested: list[str] = []
        self.writes: list[str] = []
        self.error: Exception | None = None
        self._numbers = count(1)

    def disable(self, webhook_id: str) -> None:
        """Do what a person may do in MLflow's pages."""
        self.by_id[webhook_id] = replace(self.by_id[webhook_id], active=False)

    def webhooks(self) -> list[RegisteredWebhook]:
        self._fail()
        return list(reversed(self.by_id.values()))

    def create(self, content: WebhookContent, *, secret: str) -> RegisteredWebhook:
        self._fail()
        number = next(self._numbers)
        made = RegisteredWebhook(
            id=f"w-{number}", content=content, active=True, created_at_ms=number
        )
        self.by_id[made.id], self.secrets[made.id] = made, secret
        self.writes.append("create")
        return made

    def update(self, webhook_id: str, content: WebhookContent, *, secret: str | None) -> None:
        self._fail()
        self.by_id[webhook_id] = replace(self.by_id[webhook_id], content=content, active=True)
        if secret is not None:
            self.secrets[webhook_id] = secret
        self.writes.append("update")

    def delete(self, webhook_id: str) -> None:
        self._fail()
        if self.by_id.pop(webhook_id, None):
            self.writes.append("delete")

    def test(self, webhook_id: str) -> str | None:
        self._fail()
        self.tested.append(webhook_id)
        return self.answer

    def _fail(self) -> None:
        if self.error:
            raise self.error
