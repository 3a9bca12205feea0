"""The environment that the context of the CDK app names, with its overrides.

`-c env=<name>` chooses; the fields in `FROM_CONTEXT` can also be given as `-c <field>=<value>`.
"""

from collections.abc import Callable
from dataclasses import replace
from math import isfinite
from typing import Any

from infra.agreement import AGREEMENT_MODES
from infra.config import Environment
from infra.constructs.key_limit import MIN_PER_MINUTE
from infra.environments import LOCAL, PRODUCTION, ConfigurationError, environment_from_name
from infra.existing_service import fault_of
from infra.monthly_budget import BUDGET_ACTIONS
from infra.rollouts import ROLLOUTS

FROM_CONTEXT = (
    "agreement",
    "alarm_email",
    "api_origin",
    "artifact_bucket",
    "artifact_key_arn",
    "auth_url",
    "budget_action",
    "certificate_arn",
    "cors_origins",
    "deploy_alias",
    "domain_name",
    "existing_service_url",
    "hosted_zone_id",
    "huggingface_namespace",
    "huggingface_url",
    "key_requests_per_minute",
    "mlflow_tracking_uri",
    "monthly_budget_usd",
    "predict_rollout",
    "snap_start",
)

_CHOICES = {
    "agreement": AGREEMENT_MODES,
    "budget_action": BUDGET_ACTIONS,
    "predict_rollout": tuple(ROLLOUTS),
}


class MissingSettingError(ConfigurationError):
    """The environment has no value for a setting that must be given; the message says how."""


def environment_from_context(context: Callable[[str], str | None]) -> Environment:
    """Return the environment that *context* names, with its overrides; production by default.

    *context* returns a value by name, or None.

    Raises: ConfigurationError (no such environment or rollout, or a setting is missing or useless).
    """
    name = context("env") or PRODUCTION.name
    values: dict[str, Any] = {
        field_: value for field_ in FROM_CONTEXT if (value := context(field_))
    }
    if origins := values.get("cors_origins"):
        values["cors_origins"] = tuple(origins.split())
    if limit := values.get("key_requests_per_minute"):
        values["key_requests_per_minute"] = _key_limit(limit)
    if budget := values.get("monthly_budget_usd"):
        values["monthly_budget_usd"] = _dollars(budget)
    environment = replace(environment_from_name(name), **values)
    _check_domain(environment)
    if fault := fault_of(environment, secure=name != LOCAL.name):
        raise ConfigurationError(fault)
    for setting, choices in _CHOICES.items():
        if (chosen := getattr(environment, setting)) not in choices:
            raise ConfigurationError(f"{setting} is {chosen!r}; there are: {', '.join(choices)}.")
    if not environment.mlflow_tracking_uri:
        raise MissingSettingError(
            f"{name} needs an MLflow of its own, because environments would overwrite each other's "
            "tags in one: give its address with -c mlflow_tracking_uri=…"
        )
    return environment


def _key_limit(value: str) -> int:
    """Raises: ConfigurationError."""
    if value.isascii() and value.isdigit() and (value == "0" or int(value) >= MIN_PER_MINUTE):
        return int(value)
    raise ConfigurationError(
        f"key_requests_per_minute is {value!r}; it takes 0 for no limit, or a whole number from "
        f"{MIN_PER_MINUTE}, which is the least that AWS WAF counts."
    )


def _dollars(value: str) -> float:
    """Raises: ConfigurationError."""
    try:
        dollars = float(value)
    except ValueError:
        dollars = -1.0
    if dollars >= 0 and isfinite(dollars):
        return dollars
    raise ConfigurationError(
        f"monthly_budget_usd is {value!r}; it takes US dollars a month, and 0 for no budget."
    )


def _check_domain(environment: Environment) -> None:
    """Raises: MissingSettingError (a domain without a certificate, or the reverse)."""
    name, certificate = environment.domain_name, environment.certificate_arn
    if name and not certificate:
        raise MissingSettingError(
            f"The domain {name} needs a certificate of AWS Certificate Manager in the stack's "
            "region: give its ARN with -c certificate_arn=…"
        )
    if (certificate or environment.hosted_zone_id) and not name:
        raise MissingSettingError(
            "certificate_arn and hosted_zone_id are of a domain: give its name with "
            "-c domain_name=…"
        )
