"""The REST API: routes, stage, access log, and a domain name of its own if there is one."""

import json

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as certificatemanager
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.config import Environment
from infra.constructs.gateway_responses import add_gateway_responses
from infra.constructs.key_authorizer import KeyAuthorizer

STAGE = "live"
BASE_PATH = "/api/v1"
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
"""No header is among them: one of them is the API key."""
_LOG_WRITER = (
    "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
)


class Api(Construct):
    """`/api/v1`: models behind the authorizer, the webhook behind its own signature.

    Made without routes, so that functions behind them can be told its address; `add_routes`
    follows once there are functions.

    Attributes:
        url: Of the base path, without a slash at the end. It depends on the API alone, not on the
            stage, which depends on every function behind it.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.api = apigateway.RestApi(
            self,
            "RestApi",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=True,
            deploy_options=self._stage(environment),
            domain_name=self._domain(environment),
        )
        # RestApi's own output is the address without the base path: the one to mistake for ours.
        self.api.node.try_remove_child("Endpoint")
        add_gateway_responses(self.api)
        self.url = self._url(environment)
        self._acknowledge()

    def add_routes(
        self,
        *,
        authorizer: KeyAuthorizer,
        prediction: lambda_.IFunction,
        operations: lambda_.IFunction,
        webhook: lambda_.IFunction,
    ) -> None:
        """Lead each route to its function; all but the webhook's demand a key."""
        base = self.api.root.resource_for_path(BASE_PATH)
        model = base.resource_for_path("models/{model_id}")
        deployments = model.add_resource("deployments")
        one = deployments.add_resource("{deployment_id}")
        for function, routes in {
            prediction: ((model, "GET"), (model.add_resource("predict"), "POST")),
            operations: (
                (deployments, "POST"),
                (deployments, "DELETE"),
                (deployments.add_resource("reconcile"), "POST"),
                (one.add_resource("redrive"), "POST"),
            ),
        }.items():
            integration = apigateway.LambdaIntegration(function, allow_test_invoke=False)
            for resource, method in routes:
                resource.add_method(
                    method,
                    integration,
                    authorizer=authorizer.authorizer,
                    authorization_type=apigateway.AuthorizationType.CUSTOM,
                )
        hook = base.resource_for_path("webhooks/mlflow").add_method(
            "POST", apigateway.LambdaIntegration(webhook, allow_test_invoke=False)
        )
        acknowledge(hook, {"AwsSolutions-APIG4": "MLflow signs its webhooks; the function checks."})

    def _stage(self, environment: Environment) -> apigateway.StageOptions:
        log_group = logs.LogGroup(
            self,
            "AccessLogs",
            retention=environment.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        return apigateway.StageOptions(
            stage_name=STAGE,
            access_log_destination=apigateway.LogGroupLogDestination(log_group),
            access_log_format=apigateway.AccessLogFormat.custom(json.dumps(_ACCESS_LOG)),
            # Would write bodies and headers, and with them people's data and keys, to a log.
            data_trace_enabled=False,
            logging_level=apigateway.MethodLoggingLevel.OFF,
            metrics_enabled=True,
            tracing_enabled=True,
            throttling_rate_limit=environment.requests_per_second,
            throttling_burst_limit=environment.burst,
        )

    def _domain(self, environment: Environment) -> apigateway.DomainNameOptions | None:
        if not (environment.domain_name and environment.certificate_arn):
            return None
        return apigateway.DomainNameOptions(
            domain_name=environment.domain_name,
            certificate=certificatemanager.Certificate.from_certificate_arn(
                self, "Certificate", environment.certificate_arn
            ),
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )

    def _url(self, environment: Environment) -> str:
        if environment.domain_name:
            return f"https://{environment.domain_name}{BASE_PATH}"
        origin = environment.api_origin.format(
            api_id=self.api.rest_api_id, region=Stack.of(self).region
        )
        return f"{origin}{BASE_PATH}"

    def _acknowledge(self) -> None:
        acknowledge(
            self.api,
            {
                "AwsSolutions-APIG2": "What is valid differs by model: the function checks.",
                "AwsSolutions-APIG3": "Throttled per stage and by key; a firewall is not in scope.",
                "AwsSolutions-APIG6": "Execution logs hold headers, and so keys.",
                f"AwsSolutions-IAM4[{_LOG_WRITER}]": "The only policy that API Gateway documents.",
                "AwsSolutions-COG4": "Keys belong to auth.hokus.ai, which our authorizer asks.",
            },
        )
