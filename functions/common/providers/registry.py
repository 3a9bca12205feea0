"""Providers by name, one line each. A provider's package is imported when it is asked for."""

from importlib import import_module

from functions.common.providers.provider import Provider
from functions.common.secrets import Secrets

PROVIDERS = {
    "huggingface": "functions.common.providers.huggingface.provider",
}
"""Modules by the provider's name; `create(secrets)` of each returns a `Provider`."""
DEFAULT = "huggingface"


def provider(name: str = DEFAULT, *, secrets: Secrets) -> Provider:
    """Return the provider *name*, which reads its token from *secrets* at the time of use."""
    made: Provider = import_module(PROVIDERS[name]).create(secrets)
    return made
