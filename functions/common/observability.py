"""Logger and metrics of a function."""

from aws_lambda_powertools import Logger, Metrics

NAMESPACE = "HokusModelServing"


def make_logger(service: str) -> Logger:
    """JSON lines with the request's id; events and bodies are never logged."""
    return Logger(service=service, log_uncaught_exceptions=False)


def make_metrics(service: str) -> Metrics:
    """Metrics in CloudWatch's embedded format."""
    return Metrics(namespace=NAMESPACE, service=service)
