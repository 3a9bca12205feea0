"""The function that tells: models, documents, the page, being alive."""

from constructs import Construct

from infra.catalog import DESCRIBE
from infra.constructs.python_function import Foundations, PythonFunction


class Description(Construct):
    """Reads deployments and circuit breakers; writes nothing."""

    def __init__(self, scope: Construct, id_: str, *, foundations: Foundations) -> None:
        super().__init__(scope, id_)
        self.function = PythonFunction(
            self,
            DESCRIBE.name,
            spec=DESCRIBE,
            foundations=foundations,
            size=foundations.environment.describe,
            variables=foundations.variables.of_describe(),
        ).function
