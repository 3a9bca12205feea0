"""Lambda handler of the operating routes, under `/api/v1/models/{model_id}/deployments`, and usage.

All need a key with a write scope. Each accepted operation is logged with its caller.
"""

from dataclasses import asdict
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from functions.common.api.app import json_response, make_app
from functions.common.api.body import read_object
from functions.common.api.gateway_event import Caller
from functions.common.observability import make_logger
from functions.common.snapshot import primed
from functions.operate.bootstrap import deployment_logs, model_usage, operations
from functions.operate.operations import (
    Accepted,
    checked_name,
    requested_dry_run,
    requested_version,
)
from functions.operate.usage_query import asked_days

ACCEPTED = 202

logger = make_logger("operations")
app = make_app(logger)


@app.post("/models/<model_id>/deployments")
def deploy(model_id: str) -> Response[str]:
    """Deploy a version, also one that was deployed before."""
    caller, name = app.request_context.admit_writer(), checked_name(unquote(model_id))
    version, allow_breaking = requested_version(read_object(app.request_context))
    accepted = operations().deploy(
        name, version, user_id=caller.user_id, allow_breaking=allow_breaking
    )
    return _accepted("deploy", caller, accepted)


@app.delete("/models/<model_id>/deployments")
def undeploy(model_id: str) -> Response[str]:
    """Undeploy the model."""
    caller, name = app.request_context.admit_writer(), checked_name(unquote(model_id))
    operations().undeploy(name, user_id=caller.user_id)
    _log("undeploy", caller, model_id=name)
    return json_response({"model_id": name, "status": "accepted"}, status=ACCEPTED)


@app.post("/models/<model_id>/deployments/<deployment_id>/redrive")
def redrive(model_id: str, deployment_id: str) -> Response[str]:
    """Deploy the version of a failed deployment again."""
    caller, name = app.request_context.admit_writer(), checked_name(unquote(model_id))
    accepted = operations().redrive(name, unquote(deployment_id), user_id=caller.user_id)
    return _accepted("redrive", caller, accepted)


@app.get("/models/<model_id>/deployments/<deployment_id>/logs")
def get_log(model_id: str, deployment_id: str) -> Response[str]:
    """Return the log of a deployment's container."""
    caller, name = app.request_context.admit_writer(), checked_name(unquote(model_id))
    found = deployment_logs().get(name, unquote(deployment_id))
    _log("logs", caller, model_id=name, deployment_id=found.deployment_id)
    return json_response(asdict(found))


@app.post("/models/<model_id>/deployments/reconcile")
def reconcile(model_id: str) -> Response[str]:
    """Reconcile the model now and return the report."""
    caller, name = app.request_context.admit_writer(), checked_name(unquote(model_id))
    dry_run = requested_dry_run(app.request_context.query.get("dry_run"))
    _log("reconcile", caller, model_id=name, dry_run=dry_run)
    report = operations().reconcile(name, dry_run=dry_run)
    if report is None:
        return json_response({"model_id": name, "status": "running"}, status=ACCEPTED)
    return json_response(report)


@app.get("/models/<model_id>/usage")
def get_usage(model_id: str) -> Response[str]:
    """Return what the model's callers have done, and what it cost."""
    request = app.request_context
    request.admit_writer()
    name, reports = checked_name(unquote(model_id)), model_usage()
    first, last = asked_days(request.query, today=reports.today)
    with request.timings.measured("lookup"):
        return json_response(reports.report(name, first, last))


@primed
def prime() -> None:
    """Put the function together."""
    operations()
    model_usage()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    return app.resolve(event, context)


def _accepted(operation: str, caller: Caller, accepted: Accepted) -> Response[str]:
    payload = asdict(accepted)
    _log(operation, caller, **payload)
    answer = {**payload, "status": "accepted"}
    headers = {"Location": operations().address(accepted)}
    return json_response(answer, status=ACCEPTED, headers=headers)


def _log(operation: str, caller: Caller, **details: Any) -> None:
    logger.info("operation.accepted", operation=operation, **asdict(caller), **details)
