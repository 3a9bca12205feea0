"""The keeper of the webhook, on a registry in memory."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.common.secrets import MAX_AGE_S, NOT_SET
from functions.provision.webhook.base import (
    EVENTS,
    RegisteredWebhook,
    WebhookContent,
    WebhooksError,
    WebhooksUnsupportedError,
)
from functions.provision.webhook.keeper import (
    SETTLED_AFTER,
    WebhookKeeper,
    WebhookReport,
    WebhookState,
    webhook_name,
)
from tests.builders import NOON
from tests.fakes.registry_webhooks import FakeRegistryWebhooks
from tests.fakes.secrets import FakeSecrets

URL = "https://api.test/api/v1/webhooks/mlflow"
OTHERS = WebhookContent(
    name="somebody", url="https://other.test", events=frozenset({"prompt.created"}), description=""
)


class Installation:
    """One installation: its secret, its clock, its keeper."""

    def __init__(self, registry: FakeRegistryWebhooks, name: str = "123-us-east-1") -> None:
        self.registry = registry
        self.name = name
        self.url = URL
        self.secrets = FakeSecrets({"webhook": "first"})
        self.now: datetime = NOON + timedelta(days=1)
        self.managed = True

    def keeper(self) -> WebhookKeeper:
        return WebhookKeeper(
            managed=self.managed,
            webhooks=lambda: self.registry,
            secret=lambda: self.secrets.version("webhook"),
            installation=self.name,
            url=self.url,
            now=lambda: self.now,
        )

    def keep(self, **options: Any) -> str:
        return self.keeper().keep(**options).state.value

    @property
    def webhook(self) -> RegisteredWebhook:
        """The one webhook of this installation."""
        (found,) = (
            each
            for each in self.registry.by_id.values()
            if each.content.name == webhook_name(self.name)
        )
        return found

    @property
    def signs_with(self) -> str:
        return self.registry.secrets[self.webhook.id]


@pytest.fixture
def ours() -> Installation:
    """An installation whose registry has a webhook of somebody else's."""
    registry = FakeRegistryWebhooks()
    registry.create(OTHERS, secret="theirs")
    registry.writes.clear()
    return Installation(registry)


def test_the_webhook_is_created_and_tried(ours: Installation) -> None:
    """Once; later runs change and try nothing."""
    assert ["created", "kept", "kept"] == [ours.keep() for _ in range(3)]

    content = ours.webhook.content
    assert (URL, EVENTS, "first", True) == (
        content.url,
        content.events,
        ours.signs_with,
        ours.webhook.active,
    )
    assert [ours.webhook.id] == ours.registry.tested
    assert ["create", "update"] == ours.registry.writes


def test_the_registry_learns_the_secret_from_no_other_field(ours: Installation) -> None:
    """Its description is shown to whoever lists webhooks."""
    ours.keep()

    assert "first" not in ours.webhook.content.description


@pytest.mark.parametrize("fault", ["url", "events", "status", "description"])
def test_a_changed_webhook_is_repaired_and_tried(ours: Installation, fault: str) -> None:
    """Another address is what an earlier domain name leaves behind."""
    ours.keep()
    webhook = ours.webhook
    changed: dict[str, Any] = {
        "url": {"url": "https://old.test"},
        "events": {"events": frozenset({"model_version.created"})},
        "description": {"description": "mine"},
    }
    if fault == "status":
        ours.registry.disable(webhook.id)
    else:
        content = replace(webhook.content, **changed[fault])
        ours.registry.by_id[webhook.id] = replace(webhook, content=content)

    assert ["repaired", "kept"] == [ours.keep(), ours.keep()]

    assert replace(webhook, content=webhook.content) == ours.webhook
    assert [webhook.id, webhook.id] == ours.registry.tested


def test_a_test_delivery_that_is_not_accepted_is_repeated(ours: Installation) -> None:
    """Until it is accepted the webhook counts as failing, also when nothing else is wrong."""
    ours.registry.answer = "401 unauthorized"
    reports = [ours.keeper().keep() for _ in range(2)]
    ours.registry.answer = None

    assert ["failed", "failed"] == [report.state for report in reports]
    assert all("401" in report.detail and URL in report.detail for report in reports)
    assert ["kept", "kept"] == [ours.keep(), ours.keep()]
    assert 3 == len(ours.registry.tested)


def test_a_rotated_secret_is_renewed_once_nobody_has_the_old_one_cached(
    ours: Installation,
) -> None:
    """The function that checks signatures may use a cached secret for a minute."""
    ours.keep()
    ours.secrets.put("webhook", "second", at=ours.now)
    seen = []
    for age_s in (0, MAX_AGE_S, SETTLED_AFTER.total_seconds()):
        ours.now = ours.secrets.version("webhook").created_at + timedelta(seconds=age_s)
        seen.append((ours.keep(), ours.signs_with))

    assert [("kept", "first"), ("kept", "first"), ("repaired", "second")] == seen
    assert 2 == len(ours.registry.tested)
    assert "kept" == ours.keep()


@pytest.mark.parametrize("reconciled_s", range(0, 300, 20))
def test_no_delivery_is_refused_while_a_secret_is_rotated(reconciled_s: int) -> None:
    """However old the values are that the webhook's function has cached, and whenever the
    reconciler comes: what the registry signs with is one of those that the function accepts."""
    ours = Installation(FakeRegistryWebhooks())
    ours.keep()
    rotated = ours.now
    ours.secrets.put("webhook", "second", at=rotated)

    ours.now = rotated + timedelta(seconds=reconciled_s)
    ours.keep()

    for cached_until_s in range(MAX_AGE_S + 1):
        accepted = {"first"} if reconciled_s < cached_until_s else {"first", "second"}
        assert ours.signs_with in accepted


def test_a_repair_before_the_secret_has_settled_keeps_the_old_one(ours: Installation) -> None:
    """Both happen, each at its time."""
    ours.keep()
    ours.secrets.put("webhook", "second", at=ours.now)
    ours.url = "https://new.test"

    assert ("repaired", "first", "https://new.test") == (
        ours.keep(),
        ours.signs_with,
        ours.webhook.content.url,
    )
    ours.now += SETTLED_AFTER
    assert ("repaired", "second") == (ours.keep(), ours.signs_with)


def test_two_installations_do_not_fight(ours: Installation) -> None:
    """Each has its own webhook in one registry."""
    other = Installation(ours.registry, "123-us-east-1-staging")
    other.url = "https://staging.test"

    states = [each.keep() for _ in range(3) for each in (ours, other)]

    assert ["created", "created", "kept", "kept", "kept", "kept"] == states
    assert (URL, "https://staging.test") == (ours.webhook.content.url, other.webhook.content.url)


def test_doubles_of_ours_are_deleted(ours: Installation) -> None:
    """Two reconciliations at once may both have created it; the oldest stays."""
    ours.keep()
    first = ours.webhook
    ours.registry.create(first.content, secret="first")

    assert "repaired" == ours.keep()
    assert first == ours.webhook


@pytest.mark.parametrize("act", ["keep", "remove"])
def test_webhooks_of_others_are_never_touched(ours: Installation, act: str) -> None:
    """Whatever they look like, one that calls our address among them."""
    ours.registry.create(replace(OTHERS, url=URL), secret="theirs")
    ours.keep()
    theirs = [each for each in ours.registry.by_id.values() if each.content.name == OTHERS.name]

    getattr(ours.keeper(), act)()

    assert theirs == [
        each for each in ours.registry.by_id.values() if each.content.name == OTHERS.name
    ]


def test_the_webhook_is_removed(ours: Installation) -> None:
    """Removing it again finds nothing."""
    ours.keep()

    assert ["removed", "absent"] == [ours.keeper().remove().state for _ in range(2)]
    assert [OTHERS] == [each.content for each in ours.registry.by_id.values()]


def test_a_dry_run_only_says_what_is_wrong(ours: Installation) -> None:
    """Nothing is written and nothing is tried."""
    states = [ours.keep(dry_run=True)]
    ours.keep()
    states.append(ours.keep(dry_run=True))
    ours.registry.disable(ours.webhook.id)
    ours.registry.writes.clear()
    states.append(ours.keep(dry_run=True))

    assert ["missing", "kept", "differs"] == states
    assert ([], 1) == (ours.registry.writes, len(ours.registry.tested))


def test_people_may_keep_it_themselves(ours: Installation) -> None:
    """The setting MANAGE_WEBHOOK=false."""
    ours.managed = False
    ours.registry.error = AssertionError("asked")

    assert "unmanaged" == ours.keep()
    assert WebhookState.UNMANAGED == ours.keeper().remove().state


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (WebhooksUnsupportedError("This MLflow has no webhooks."), "unsupported"),
        (WebhooksError("MLflow refused: private address."), "failed"),
        (RuntimeError("a bug"), "failed"),
    ],
)
def test_trouble_is_reported_and_never_raised(
    ours: Installation, error: Exception, state: str
) -> None:
    """Models are reconciled without a webhook."""
    ours.registry.error = error

    report = ours.keeper().keep()

    assert state == report.state
    assert report.detail


def test_it_waits_for_its_secret(ours: Installation) -> None:
    """An empty secret is no error."""
    ours.secrets.put("webhook", NOT_SET)

    report = ours.keeper().keep()

    assert WebhookReport(WebhookState.WAITING, "The secret webhook is not set.") == report


@pytest.mark.parametrize(
    "installation", ["123456789012-us-east-1", "123-EU", "1" * 50 + "-", "1" * 200 + "-", "é" * 8]
)
def test_names_are_valid_and_distinct(installation: str) -> None:
    """Letters, digits, dots, underscores and hyphens, at most 63, a letter or digit at the end."""
    from mlflow.utils.validation import _validate_webhook_name  # noqa: PLC0415 - takes seconds

    names = {webhook_name(installation), webhook_name(f"{installation}2")}

    assert 2 == len(names)
    for name in names:
        _validate_webhook_name(name)
