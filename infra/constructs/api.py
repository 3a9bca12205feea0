"""The REST API: its routes, who may call them, and its address."""

from dataclasses import dataclass, field

from aws_cdk import Size, Stack
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.config import Environment
from infra.constructs.api_stage import domain_options, stage_options
from infra.constructs.gateway_responses import add_gateway_responses
from infra.constructs.key_authorizer import KeyAuthorizer
from infra.constructs.method_not_allowed import answer_preflight, catch_other_methods
from infra.constructs.service_functions import ServiceFunctions
from infra.function_spec import FunctionSpec
from infra.functions import AUTHORIZER, DESCRIBE, MLFLOW_HOOK, OPERATE, PREDICT
from infra.nag import acknowledge

BASE_PATH = "/api/v1"
_WITH_KEY: tuple[tuple[str, str, FunctionSpec], ...] = (
    ("POST", "models/{model_id}/predict", PREDICT),
    ("GET", "models", DESCRIBE),
    ("GET", "models/{model_id}", DESCRIBE),
    ("GET", "models/{model_id}/info", DESCRIBE),
    ("GET", "models/{model_id}/openapi.json", DESCRIBE),
    ("POST", "models/{model_id}/deployments", OPERATE),
    ("DELETE", "models/{model_id}/deployments", OPERATE),
    ("POST", "models/{model_id}/deployments/reconcile", OPERATE),
    ("POST", "models/{model_id}/deployments/{deployment_id}/redrive", OPERATE),
)
_PUBLIC = ("docs", "docs/{asset}", "health", "openapi.json")
_WEBHOOK = "webhooks/mlflow"
_LOG_WRITER = (
    "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
)


@dataclass(frozen=True)
class _Route:
    """An address, its function, and the methods that it takes."""

    resource: apigateway.IResource
    integration: apigateway.LambdaIntegration
    methods: list[str] = field(default_factory=list)


class Api(Construct):
    """`/api/v1`: models behind the authorizer, the webhook behind its own signature.

    Created without routes, because functions behind it need its address; `add_routes` follows once
    the functions exist.

    Attributes:
        url: Of the base path, without a slash at the end. It depends on the API alone, not on the
            stage, which depends on every function behind it.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self._environment = environment
        self._routes: dict[str, _Route] = {}
        self.api = apigateway.RestApi(
            self,
            "RestApi",
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            cloud_watch_role=True,
            deploy_options=stage_options(self, environment),
            domain_name=domain_options(self, environment),
            min_compression_size=Size.bytes(environment.compress_from_bytes),
            binary_media_types=[*environment.binary_media_types],
        )
        # RestApi's own output is the address without the base path, easily mistaken for ours.
        self.api.node.try_remove_child("Endpoint")
        add_gateway_responses(self.api, cors_origins=environment.cors_origins)
        self.url = self._url(environment)
        self._acknowledge()

    def add_routes(self, functions: ServiceFunctions) -> None:
        """Add every route. All need an API key except the webhook (signed) and the public
        documents."""
        authorizer = KeyAuthorizer(
            self, "Keys", function=functions.get(AUTHORIZER), environment=self._environment
        ).authorizer
        for method, path, spec in _WITH_KEY:
            route = self._add_route(path, functions, spec)
            route.methods.append(method)
            route.resource.add_method(
                method,
                route.integration,
                authorizer=authorizer,
                authorization_type=apigateway.AuthorizationType.CUSTOM,
            )
        for path in _PUBLIC:
            self._add_open(path, "GET", functions, DESCRIBE, "A public document.")
        reason = "MLflow signs its webhooks; the function checks the signature."
        self._add_open(_WEBHOOK, "POST", functions, MLFLOW_HOOK, reason)
        origins = self._environment.cors_origins
        for route in self._routes.values():
            catch_other_methods(route.resource, route.integration)
            if origins:
                answer_preflight(route.resource, route.methods, origins)

    def _add_open(
        self, path: str, method: str, functions: ServiceFunctions, spec: FunctionSpec, reason: str
    ) -> None:
        route = self._add_route(path, functions, spec)
        route.methods.append(method)
        added = route.resource.add_method(method, route.integration)
        acknowledge(added, {"AwsSolutions-APIG4": reason})

    def _add_route(self, path: str, functions: ServiceFunctions, spec: FunctionSpec) -> _Route:
        """Return the route of *path*; all of its methods have one function."""
        if path not in self._routes:
            resource = self.api.root.resource_for_path(f"{BASE_PATH}/{path}")
            # One permission for the whole API: one per method outgrows a function's policy.
            integration = apigateway.LambdaIntegration(
                functions.get(spec), allow_test_invoke=False, scope_permission_to_method=False
            )
            self._routes[path] = _Route(resource, integration)
        return self._routes[path]

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
