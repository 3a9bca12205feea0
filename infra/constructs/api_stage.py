"""The stage of the REST API with its access log and its limits."""

import json

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs

from functions.common.metric_names import ENVIRONMENT, GATEWAY_SERVICE, SERVICE
from infra.config import Environment
from infra.routes import BASE_PATH, ROUTES, Route

STAGE = "live"
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "response_bytes": "$context.responseLength",
    "latency_ms": "$context.responseLatency",
    "integration_latency_ms": "$context.integrationLatency",
    "authorizer_latency_ms": "$context.authorizer.latency",
    "source_ip": "$context.identity.sourceIp",
    "key_id": "$context.authorizer.key_id",
    "gateway_error": "$context.error.responseType",
    "xray_trace_id": "$context.xrayTraceId",
}
"""Fields of a line of the access log, beside the dimensions of the metrics that are counted in it.

No header is logged: one of them is the API key."""


def access_log_fields(environment: Environment) -> dict[str, str]:
    """Return what a line of the access log holds, by field."""
    return {**_ACCESS_LOG, SERVICE: GATEWAY_SERVICE, ENVIRONMENT: environment.name}


def stage_options(access_log: logs.ILogGroup, environment: Environment) -> apigateway.StageOptions:
    """Return the stage: throttled, traced, with an *access_log* that gets neither key nor body."""
    limits = {
        f"{BASE_PATH}/{route.path}/{route.method}": _limit(route, environment) for route in ROUTES
    }
    everything_else = _method_options(environment.requests_per_second, environment.burst)
    if environment.existing_service_url:
        everything_else = _method_options(
            environment.existing_service_requests_per_second, environment.existing_service_burst
        )
    return apigateway.StageOptions(
        stage_name=STAGE,
        access_log_destination=apigateway.LogGroupLogDestination(access_log),
        access_log_format=apigateway.AccessLogFormat.custom(
            json.dumps(access_log_fields(environment))
        ),
        tracing_enabled=True,
        method_options={
            # A setting for ANY would be one for each of seven methods.
            "/*/*": everything_else,
            **limits,
        },
    )


def _limit(route: Route, environment: Environment) -> apigateway.MethodDeploymentOptions:
    if route.open_because:
        return _method_options(environment.open_requests_per_second, environment.open_burst)
    return _method_options(environment.requests_per_second, environment.burst)


def _method_options(rate: int, burst: int) -> apigateway.MethodDeploymentOptions:
    """Return all options of a method: one with options of its own has none of the stage's."""
    return apigateway.MethodDeploymentOptions(
        # Would write bodies and headers to a log, and so personal data and keys.
        data_trace_enabled=False,
        logging_level=apigateway.MethodLoggingLevel.OFF,
        metrics_enabled=True,
        throttling_rate_limit=rate,
        throttling_burst_limit=burst,
    )
