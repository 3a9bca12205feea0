"""Keeps this installation's webhook in the registry, with its events and its present secret."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from functions.common.observability import make_logger
from functions.common.secrets import MAX_AGE_S, SecretNotSetError, SecretVersion
from functions.provision.webhook.base import (
    EVENTS,
    RegisteredWebhook,
    RegistryWebhooks,
    WebhookContent,
    WebhooksError,
    WebhooksUnsupportedError,
)
from functions.provision.webhook.description import WebhookDescription

logger = make_logger("reconcile")

SETTLED_AFTER = timedelta(seconds=2 * MAX_AGE_S)
"""Age at which a rotated secret is given to the registry: the webhook's function has dropped the
old one from its caches by then, so it accepts the new one. Until the next rotation it accepts the
old one too, so no delivery is lost."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?")
"""Source: `_WEBHOOK_NAME_REGEX` in mlflow.utils.validation."""


def webhook_name(installation: str) -> str:
    """Return the name by which an installation knows its webhook among others, valid in MLflow."""
    name = f"hokus-{installation}"
    return name if _NAME.fullmatch(name) else f"hokus-{sha256(name.encode()).hexdigest()[:32]}"


class WebhookState(StrEnum):
    """What the keeper found or did."""

    KEPT = "kept"
    CREATED = "created"
    REPAIRED = "repaired"
    MISSING = "missing"
    DIFFERS = "differs"
    REMOVED = "removed"
    ABSENT = "absent"
    WAITING = "waiting"
    UNMANAGED = "unmanaged"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WebhookReport:
    """State of the webhook; `missing` and `differs` are of dry runs."""

    state: WebhookState
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        return {"state": self.state.value, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookKeeper:
    """Keeps the webhook. Nothing that goes wrong here is raised: the schedule finds every model.

    Attributes:
        managed: False leaves the webhook to people.
        webhooks: Connects to the registry.
        secret: Reads the present version of the secret.
        url: Where deliveries go.
    """

    managed: bool
    webhooks: Callable[[], RegistryWebhooks]
    secret: Callable[[], SecretVersion]
    installation: str
    url: str
    now: Callable[[], datetime]

    def keep(self, *, dry_run: bool = False) -> WebhookReport:
        """See to it that the registry has the webhook as it should be."""
        return self._reported(lambda webhooks: self._keep(webhooks, dry_run=dry_run))

    def remove(self) -> WebhookReport:
        """Remove the webhook."""
        return self._reported(self._remove)

    def _reported(self, act: Callable[[RegistryWebhooks], WebhookReport]) -> WebhookReport:
        if not self.managed:
            return WebhookReport(WebhookState.UNMANAGED, "MANAGE_WEBHOOK leaves it to people.")
        try:
            report = act(self.webhooks())
        except SecretNotSetError as error:
            report = WebhookReport(WebhookState.WAITING, str(error))
        except WebhooksUnsupportedError as error:
            report = WebhookReport(WebhookState.UNSUPPORTED, str(error))
        except WebhooksError as error:
            report = WebhookReport(WebhookState.FAILED, str(error))
        except Exception as error:
            logger.exception("webhook.broken")
            report = WebhookReport(WebhookState.FAILED, f"{type(error).__name__}: see the log.")
        log = logger.warning if report.state is WebhookState.FAILED else logger.info
        log("webhook.checked", state=report.state.value, detail=report.detail)
        return report

    def _keep(self, webhooks: RegistryWebhooks, *, dry_run: bool) -> WebhookReport:
        secret, ours = self.secret(), self._ours(webhooks)
        if not ours:
            return self._create(webhooks, secret, dry_run=dry_run)
        first, *doubles = ours
        for double in doubles if not dry_run else ():
            webhooks.delete(double.id)
        known = WebhookDescription.parse(first.content.description, installation=self.installation)
        due = known.secret_version != secret.id and self._is_settled(secret)
        wanted = replace(
            known, secret_version=secret.id if due else known.secret_version, accepted=False
        )
        faults = self._faults(first, secret_due=due)
        if dry_run:
            state = WebhookState.DIFFERS if faults or doubles else WebhookState.KEPT
            return WebhookReport(state, ", ".join(faults))
        if faults:
            webhooks.update(first.id, self._content(wanted), secret=secret.value if due else None)
        if faults or not known.accepted:
            self._test(webhooks, first.id, wanted)
        state = WebhookState.REPAIRED if faults or doubles else WebhookState.KEPT
        return WebhookReport(state, ", ".join(faults))

    def _create(
        self, webhooks: RegistryWebhooks, secret: SecretVersion, *, dry_run: bool
    ) -> WebhookReport:
        if dry_run:
            return WebhookReport(WebhookState.MISSING)
        description = self._description(secret.id)
        created = webhooks.create(self._content(description), secret=secret.value)
        self._test(webhooks, created.id, description)
        return WebhookReport(WebhookState.CREATED)

    def _test(
        self, webhooks: RegistryWebhooks, webhook_id: str, description: WebhookDescription
    ) -> None:
        """Try the webhook; only a success is noted, so that the next run tries again otherwise.

        Raises: WebhooksError.
        """
        if answered := webhooks.test(webhook_id):
            raise WebhooksError(
                f"The registry's test delivery to {self.url} was not accepted: {answered}"
            )
        accepted = self._content(replace(description, accepted=True))
        webhooks.update(webhook_id, accepted, secret=None)

    def _remove(self, webhooks: RegistryWebhooks) -> WebhookReport:
        ours = self._ours(webhooks)
        for each in ours:
            webhooks.delete(each.id)
        return WebhookReport(WebhookState.REMOVED if ours else WebhookState.ABSENT)

    def _ours(self, webhooks: RegistryWebhooks) -> list[RegisteredWebhook]:
        """Return those of this installation, the oldest first: two runs at once agree on it."""
        name = webhook_name(self.installation)
        ours = [each for each in webhooks.webhooks() if each.content.name == name]
        return sorted(ours, key=lambda each: (each.created_at_ms, each.id))

    def _faults(self, webhook: RegisteredWebhook, *, secret_due: bool) -> list[str]:
        content = webhook.content
        checks = {
            "another address": content.url != self.url,
            "other events": content.events != EVENTS,
            "disabled": not webhook.active,
            "the secret was rotated": secret_due,
        }
        return [fault for fault, found in checks.items() if found]

    def _is_settled(self, secret: SecretVersion) -> bool:
        return self.now() - secret.created_at >= SETTLED_AFTER

    def _description(self, secret_version: str) -> WebhookDescription:
        return WebhookDescription(
            installation=self.installation, secret_version=secret_version, accepted=False
        )

    def _content(self, description: WebhookDescription) -> WebhookContent:
        return WebhookContent(
            name=webhook_name(self.installation),
            url=self.url,
            events=EVENTS,
            description=str(description),
        )
