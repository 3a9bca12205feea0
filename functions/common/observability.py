"""Logger and metrics of a function."""

import os

from aws_lambda_powertools import Logger, Metrics

NAMESPACE = "HokusModelServing"
ENVIRONMENT_VARIABLE = "ENVIRONMENT"
"""Variable with the environment's name; the stack sets it on every function."""


def make_logger(service: str) -> Logger:
    """JSON lines with the request's id; events and bodies are never logged."""
    return Logger(service=service, log_uncaught_exceptions=False)


def dimensions() -> dict[str, str]:
    """Return the dimensions of every metric beside `service`."""
    return {"environment": os.environ.get(ENVIRONMENT_VARIABLE, "none")}


def make_metrics(service: str) -> Metrics:
    """Metrics in CloudWatch's embedded format."""
    metrics = Metrics(namespace=NAMESPACE, service=service)
    metrics.set_default_dimensions(**dimensions())
    return metrics
