"""The REST API: routes, stage, access log, and a domain name of its own if there is one."""

import json

from aws_cdk import RemovalPolicy, Size, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as certificatemanager
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.config import Environment
from infra.constructs.gateway_responses import add_gateway_responses
from infra.constructs.key_authorizer import KeyAuthorizer
from infra.constructs.other_methods import answer_preflight, catch_other_methods

STAGE = "live"
BASE_PATH = "/api/v1"
_FOR_ANYONE = ("docs", "docs/{asset}", "health", "openapi.json")
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


class _Led:
    """An address, the function that answers there, and to which methods."""

    def __init__(self, resource: apigateway.IResource, function: lambda_.IFunction) -> None:
        self.resource = resource
        self.methods: list[str] = []
        # One permission for the whole API: one for each method outgrows a function's policy.
        self.integration = apigateway.LambdaIntegration(
            function, allow_test_invoke=False, scope_permission_to_method=False
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
            min_compression_size=Size.bytes(environment.compress_from_bytes),
            binary_media_types=[*environment.binary_media_types],
        )
        # RestApi's own output is the address without the base path: the one to mistake for ours.
        self.api.node.try_remove_child("Endpoint")
        add_gateway_responses(self.api, cors_origins=environment.cors_origins)
        self._cors_origins = environment.cors_origins
        self._led: dict[str, _Led] = {}
        self.url = self._url(environment)
        self._acknowledge()

    def add_routes(
        self,
        *,
        authorizer: KeyAuthorizer,
        prediction: lambda_.IFunction,
        description: lambda_.IFunction,
        operations: lambda_.IFunction,
        webhook: lambda_.IFunction,
    ) -> None:
        """Lead each route to its function; all demand a key but the webhook's and those that tell
        what anyone may know."""
        base = self.api.root.resource_for_path(BASE_PATH)
        model = base.resource_for_path("models/{model_id}")
        deployments = model.add_resource("deployments")
        one = deployments.add_resource("{deployment_id}")
        for function, routes in {
            prediction: ((model.add_resource("predict"), "POST"),),
            description: (
                (base.resource_for_path("models"), "GET"),
                (model, "GET"),
                (model.add_resource("info"), "GET"),
                (model.add_resource("openapi.json"), "GET"),
            ),
            operations: (
                (deployments, "POST"),
                (deployments, "DELETE"),
                (deployments.add_resource("reconcile"), "POST"),
                (one.add_resource("redrive"), "POST"),
            ),
        }.items():
            for resource, method in routes:
                self._lead(resource, method, function, authorizer)
        for path in _FOR_ANYONE:
            public = self._lead(base.resource_for_path(path), "GET", description)
            acknowledge(public, {"AwsSolutions-APIG4": "Tells what anyone may know."})
        hook = self._lead(base.resource_for_path("webhooks/mlflow"), "POST", webhook)
        acknowledge(hook, {"AwsSolutions-APIG4": "MLflow signs its webhooks; the function checks."})
        for led in self._led.values():
            catch_other_methods(led.resource, led.integration)
            if self._cors_origins:
                answer_preflight(led.resource, led.methods, self._cors_origins)

    def _lead(
        self,
        resource: apigateway.IResource,
        method: str,
        function: lambda_.IFunction,
        authorizer: KeyAuthorizer | None = None,
    ) -> apigateway.Method:
        """All of a resource's methods lead to one function; without *authorizer* to everybody."""
        led = self._led.setdefault(resource.path, _Led(resource, function))
        led.methods.append(method)
        if authorizer is None:
            return resource.add_method(method, led.integration)
        return resource.add_method(
            method,
            led.integration,
            authorizer=authorizer.authorizer,
            authorization_type=apigateway.AuthorizationType.CUSTOM,
        )

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
