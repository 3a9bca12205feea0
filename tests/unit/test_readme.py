"""The README is short, and docs/settings.md has the code's settings."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

from msgspec import structs

from functions.authorizer.settings import AuthorizerSettings
from functions.common.packages.settings import PackageSettings
from functions.common.providers.huggingface.settings import HardwareSettings, HuggingFaceSettings
from functions.common.settings import CorsSettings, MetricsSettings, Settings, meta
from functions.common.version import VERSION
from functions.mirror.settings import MirrorSettings
from functions.mlflow_hook.settings import HookSettings
from functions.operate.settings import OperationsSettings
from functions.predict.settings import PredictSettings
from functions.provision.settings import (
    ProvisionSettings,
    ReconcileSettings,
    RegistrySettings,
    WebhookSettings,
)
from functions.uptime.settings import UptimeSettings
from functions.usage.settings import UsageSettings
from infra.context import FROM_CONTEXT
from infra.environments import PRODUCTION

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
MODELS: tuple[type[Settings], ...] = (
    PredictSettings,
    MirrorSettings,
    HuggingFaceSettings,
    HardwareSettings,
    PackageSettings,
    CorsSettings,
    MetricsSettings,
    OperationsSettings,
    HookSettings,
    ProvisionSettings,
    RegistrySettings,
    ReconcileSettings,
    WebhookSettings,
    UptimeSettings,
    UsageSettings,
)


def test_every_setting_is_in_the_table_with_its_default() -> None:
    """And no other; one line each, with the field's description.

    The stack sets those without one.
    """
    expected = {
        field.name.upper(): (str(field.default), meta(field).description)
        for model in MODELS
        for field in structs.fields(model)
        if not field.required
    }
    expected |= {
        field.name.upper(): (str(field.default), field.metadata["description"])
        for field in fields(AuthorizerSettings)
    }

    rows = re.findall(r"^\| `([A-Z_]+)` \| `(.*?)` \| (.*) \|$", SETTINGS, flags=re.MULTILINE)

    assert expected == {name: (default, words) for name, default, words in rows}


def test_every_context_field_is_in_the_table_with_its_default() -> None:
    """The fields that `-c name=value` sets, and no other."""
    defaults = {name: getattr(PRODUCTION, name) or None for name in FROM_CONTEXT}

    rows = re.findall(r"^\| `([a-z_]+)` \| (?:none|`(.+?)`) \| .+ \|$", SETTINGS, re.MULTILINE)

    assert defaults == {name: default or None for name, default in rows}


def test_the_readme_is_short() -> None:
    """At most 150 lines."""
    assert len(README.splitlines()) <= 150


def test_the_version_is_the_projects() -> None:
    """`/health` and the documents have it; it is raised in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == VERSION
