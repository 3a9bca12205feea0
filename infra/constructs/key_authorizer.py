"""Who calls: API Gateway asks a function of ours, which asks the auth service."""

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

from infra.catalog import AUTHORIZER
from infra.constructs.python_function import Foundations, PythonFunction


class KeyAuthorizer(Construct):
    """A REQUEST authorizer, for keys can be bound to addresses, which a TOKEN one never sees."""

    def __init__(self, scope: Construct, id_: str, *, foundations: Foundations) -> None:
        super().__init__(scope, id_)
        environment = foundations.environment
        self.authorizer = apigateway.RequestAuthorizer(
            self,
            "RequestAuthorizer",
            handler=PythonFunction(
                self,
                AUTHORIZER.name,
                spec=AUTHORIZER,
                foundations=foundations,
                size=environment.authorizer,
                variables=foundations.variables.of_authorizer(),
            ).function,
            identity_sources=list(environment.authorizer_identity_sources),
            results_cache_ttl=Duration.seconds(environment.authorizer_cache_s),
        )
