"""Namespace and dimensions of every metric. Standard library only."""

import os

NAMESPACE = "HokusModelServing"
ENVIRONMENT_VARIABLE = "ENVIRONMENT"
"""Variable with the environment's name; the stack sets it on every function."""


def dimensions() -> dict[str, str]:
    """Return the dimensions of every metric beside `service`."""
    return {"environment": os.environ.get(ENVIRONMENT_VARIABLE, "none")}
