"""The authorizer of the API: a function that asks the auth service about the caller's key."""

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config import Environment


class KeyAuthorizer(Construct):
    """A REQUEST authorizer: keys can be bound to addresses, which a TOKEN one never sees."""

    def __init__(
        self, scope: Construct, id_: str, *, function: lambda_.IFunction, environment: Environment
    ) -> None:
        super().__init__(scope, id_)
        self.authorizer = apigateway.RequestAuthorizer(
            self,
            "RequestAuthorizer",
            handler=function,
            identity_sources=list(environment.authorizer_identity_sources),
            results_cache_ttl=Duration.seconds(environment.authorizer_cache_s),
        )
