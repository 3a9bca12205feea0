"""The line of the log for each check, which is its metric as well."""

from functions.common.emf import Metrics, Property, print_line
from functions.common.metric_names import AVAILABLE, MODEL, model_value
from functions.common.observability import make_logger
from functions.uptime.report import Check

SERVICE = "uptime"

logger = make_logger(SERVICE)


def write_line(check: Check, *, per_model: bool) -> None:
    """Write the line of *check*, which counts in `Available` if it says something about the model;
    with *per_model* also in a metric of the model's own."""
    deployment, verdict = check.deployment, check.verdict
    model = model_value(deployment.model_id)
    properties: dict[str, Property] = {
        MODEL: model,
        "version": deployment.model_version,
        "deployment": deployment.id,
        "status": verdict.status,
        "code": verdict.code,
        "latency_ms": round(check.latency_ms, 2),
        "request_id": check.request_id,
    }
    if verdict.available is None:
        logger.warning("uptime.unknown", extra=properties)
        return
    dimension_sets = ({}, {MODEL: model}) if per_model else ({},)
    values = {AVAILABLE: int(verdict.available)}
    print_line(SERVICE, Metrics(values, dimension_sets), **properties)
