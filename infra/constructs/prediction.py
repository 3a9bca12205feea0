"""The function that predicts."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.catalog import PREDICT
from infra.constructs.python_function import Foundations, PythonFunction
from infra.constructs.rights import allow_invoking


class Prediction(Construct):
    """Reads deployments and the Hugging Face token, shares what it finds out of endpoints, and has
    *reconcile* look at a model whose endpoint is paused or gone."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        foundations: Foundations,
        reconcile: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id_)
        self.function = PythonFunction(
            self,
            PREDICT.name,
            spec=PREDICT,
            foundations=foundations,
            size=foundations.environment.predict,
            variables=foundations.variables.of_predict(reconcile=reconcile.function_name),
        ).function
        allow_invoking(reconcile, self.function)
