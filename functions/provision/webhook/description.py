"""The webhook's description in the registry, which remembers what the registry does not show.

The registry never returns a secret. The description holds the id of the secret's version, which
says nothing about its value and cannot be tried against guesses as a digest could.
"""

import re
from dataclasses import dataclass
from typing import Self

_STATE = re.compile(r"Secret version (\S+), test delivery (accepted|pending)\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDescription:
    """What is known of a webhook.

    Attributes:
        secret_version: Version of the secret that it signs with; None: unknown.
        accepted: Whether a test delivery was accepted since it was last changed.
    """

    installation: str
    secret_version: str | None
    accepted: bool

    @classmethod
    def parse(cls, text: str, *, installation: str) -> Self:
        """Read *text*; one that somebody has edited says nothing."""
        found = _STATE.search(text)
        return cls(
            installation=installation,
            secret_version=found[1] if found else None,
            accepted=bool(found and found[2] == "accepted"),
        )

    def __str__(self) -> str:
        delivery = "accepted" if self.accepted else "pending"
        return (
            f"Kept by Hokus model serving, installation {self.installation}, which undoes changes. "
            f"Secret version {self.secret_version}, test delivery {delivery}."
        )
