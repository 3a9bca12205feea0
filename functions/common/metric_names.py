"""Namespace, names and dimensions of every metric. Standard library only."""

import os
from functools import lru_cache
from urllib.parse import quote

NAMESPACE = "HokusModelServing"
ENVIRONMENT_VARIABLE = "ENVIRONMENT"
"""Variable with the environment's name; the stack sets it on every function."""
ENVIRONMENT = "environment"
SERVICE = "service"
MODEL = "model"
"""Dimensions; a model's value is its percent-encoded name."""
VERSION = "function_version"
"""Dimension of a metric, and field of every line of the log."""
REASON = "reason"
"""Dimension of `DELIVERIES_REFUSED`."""

LATENCY = "Latency"
"""Milliseconds of a call; one value for each call, so its sample count is their number."""
FAULT = "Fault"
"""1 for a call that failed by our or the provider's fault (status 500 or more), else 0."""
INTERNAL_ERRORS = "InternalErrors"
"""Answers that are internal errors, by version: a rollout is rolled back for them."""
CIRCUIT_OPENED = "CircuitOpened"
DELIVERIES_REFUSED = "DeliveriesRefused"
TAKEN_BACK = "TakenBack"
"""New versions that were taken back for the one before them."""

MODELS_DEPLOYED = "ModelsDeployed"
"""Models that serve; counted by each reconciliation of all models that has ended."""
ENDPOINTS = "Endpoints"
RECONCILE_CHANGES = "ReconcileChanges"
RECONCILE_FAILURES = "ReconcileFailures"
WEBHOOK_FAILURES = "WebhookFailures"
ORPHANS_HELD = "OrphansHeld"

SPEND_USD = "SpendUsd"
"""US dollars of this month so far, in all and by model."""
BUDGET_USED_PERCENT = "BudgetUsedPercent"
CREDITS_EXHAUSTED = "CreditsExhausted"
"""1 where the provider refuses for want of credits, else 0."""

USERS_DAY, USERS_WEEK, USERS_MONTH = "UsersDay", "UsersWeek", "UsersMonth"
"""Distinct users of a day, a week and a month."""
AVAILABLE = "Available"
"""1 where a model answered its own example, else 0."""
ANSWER_CHANGED = "AnswerChanged"
"""1 where that answer was another than the verified one, else 0; of models whose answers do not
vary."""

GATEWAY_SERVICE = "gateway"
GATEWAY_FAULTS = "GatewayFaults"
"""Answers of the API with a status of 500 or more, counted in its access log."""
AUTHORIZER_FAILURES = "AuthorizerFailures"
"""Calls that API Gateway answered because the authorizer had failed, counted in the access log."""

_MAX_VALUE_CHARACTERS = 1_024


def dimensions() -> dict[str, str]:
    """Return the dimensions of every metric beside `service`."""
    return {ENVIRONMENT: os.environ.get(ENVIRONMENT_VARIABLE, "none")}


@lru_cache(maxsize=512)
def model_value(model_id: str) -> str:
    """Return the value of `MODEL` for a model's name.

    A value is ASCII of 1,024 characters at most, which 256 characters can exceed percent-encoded.
    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Dimension.html
    """
    return quote(model_id, safe="")[:_MAX_VALUE_CHARACTERS]


def function_version() -> str:
    """Return the version that runs.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "none")
