"""What the checks look at: the installation, the settings of its functions, its secrets."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import httpx
from botocore.exceptions import ClientError

from functions.authorizer.settings import AuthorizerSettings
from functions.common.failures import described
from functions.common.providers.huggingface.settings import HuggingFaceSettings
from functions.common.secrets import NOT_SET, SecretVersion, blotted
from functions.provision.settings import RegistrySettings, WebhookSettings
from infra.installation import Installation

SECRETS = (
    "HuggingFaceTokenSecret",
    "HuggingFaceCallingTokenSecret",
    "MlflowCredentialsSecret",
    "UptimeApiKeySecret",
    "WebhookSecret",
)
"""Outputs that name secrets."""


class SecretNotReadableError(Exception):
    """The person's credentials may not read the secret; the message is AWS's
    where it says who may not do what."""


@dataclass
class LiveInstallation:
    """An installation, with everything about it that is read once."""

    installation: Installation
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=15))
    _read: set[str] = field(default_factory=set, init=False, repr=False)

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """Environment variables of the reconciler: its settings as they are deployed."""
        return self.installation.variables("ReconcileFunction")

    @property
    def huggingface(self) -> HuggingFaceSettings:
        return HuggingFaceSettings.from_env(self.variables)

    @property
    def registry(self) -> RegistrySettings:
        return RegistrySettings.from_env(self.variables)

    @property
    def webhook(self) -> WebhookSettings:
        return WebhookSettings.from_env(self.variables)

    @property
    def authorizer(self) -> AuthorizerSettings:
        return AuthorizerSettings.from_env(self.installation.variables("AuthorizerFunction"))

    def secret(self, output: str) -> SecretVersion:
        """Return the present version of the secret, which is never printed.

        Raises: SecretNotReadableError.
        """
        try:
            found = self.installation.client("secretsmanager").get_secret_value(
                SecretId=self.installation.outputs[output]
            )
        except ClientError as error:
            raise SecretNotReadableError(described(error)) from error
        self._read |= _texts_in(found["SecretString"])
        return SecretVersion(
            id=found["VersionId"], value=found["SecretString"], created_at=found["CreatedDate"]
        )

    def without_secrets(self, text: str) -> str:
        """Return *text* without the secrets that have been read."""
        return blotted(text, *self._read)

    def filled(self, output: str) -> str | None:
        """Return the secret's value; None when it was not filled, which has its own finding."""
        value = self.secret(output).value.strip()
        return None if value in {"", NOT_SET} else value


def _texts_in(secret: str) -> set[str]:
    """Return *secret* as it is sent, and the values in it if it is a JSON object."""
    texts = {secret.strip()}
    with suppress(ValueError, AttributeError):
        texts |= {str(value).strip() for value in json.loads(secret).values()}
    return texts
