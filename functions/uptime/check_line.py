"""The line of the log for each check, which is its metric as well."""

from functions.common.emf import Metrics, Property, print_line
from functions.common.metric_names import ANSWER_CHANGED, AVAILABLE, MODEL, model_value
from functions.common.observability import make_logger
from functions.uptime.report import Check

SERVICE = "uptime"

logger = make_logger(SERVICE)


def write_line(check: Check, *, per_model: bool) -> None:
    """Write the line of *check*, which counts in `Available` and `AnswerChanged` where it says
    something of the model; with *per_model* `Available` is a metric of the model's own, too."""
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
        "woken": check.woken,
    }
    if check.says_nothing:
        logger.warning("uptime.unknown", extra=properties)
        return
    metrics = []
    if check.available is not None:
        dimension_sets = ({}, {MODEL: model}) if per_model else ({},)
        metrics.append(Metrics({AVAILABLE: int(check.available)}, dimension_sets))
    if verdict.answer_changed is not None:
        metrics.append(Metrics({ANSWER_CHANGED: int(verdict.answer_changed)}))
    print_line(SERVICE, *metrics, **properties)
