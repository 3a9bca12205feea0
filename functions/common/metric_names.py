"""Namespace and dimensions of every metric. Standard library only."""

import os

NAMESPACE = "HokusModelServing"
ENVIRONMENT_VARIABLE = "ENVIRONMENT"
"""Variable with the environment's name; the stack sets it on every function."""
INTERNAL_ERRORS = "InternalErrors"
"""Answers that are internal errors, by version: a rollout is rolled back for them."""
VERSION = "function_version"
"""Dimension of a metric, and field of every line of the log."""


def dimensions() -> dict[str, str]:
    """Return the dimensions of every metric beside `service`."""
    return {"environment": os.environ.get(ENVIRONMENT_VARIABLE, "none")}


def function_version() -> str:
    """Return the version that runs.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "none")
