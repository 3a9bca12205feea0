"""The function behind the API: predictions, and what is known of a model."""

from constructs import Construct

from infra.catalog import PREDICT
from infra.constructs.python_function import Foundations, PythonFunction


class Prediction(Construct):
    """Reads deployments and the Hugging Face token; writes nothing."""

    def __init__(self, scope: Construct, id_: str, *, foundations: Foundations) -> None:
        super().__init__(scope, id_)
        self.function = PythonFunction(
            self,
            PREDICT.name,
            spec=PREDICT,
            foundations=foundations,
            size=foundations.environment.predict,
            variables=foundations.variables.of_predict(),
        ).function
