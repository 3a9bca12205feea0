"""All Lambda functions of the table."""

from aws_cdk import Duration
from constructs import Construct

from infra.config import Environment
from infra.constructs.log_access import allow_reading_log
from infra.constructs.python_function import PythonFunction
from infra.constructs.shared_resources import SharedResources
from infra.environments import ConfigurationError
from infra.function_spec import FunctionSpec
from infra.functions import FUNCTIONS, MIRROR, PREDICT, RECONCILE


class ServiceFunctions(Construct):
    """One function for each entry of `infra.functions`."""

    def __init__(self, scope: Construct, id_: str, *, shared: SharedResources) -> None:
        super().__init__(scope, id_)
        _check_names(shared.environment)
        self._functions = {
            spec.name: PythonFunction(self, spec.name, spec=spec, shared=shared)
            for spec in FUNCTIONS
        }
        # A copied call is worth nothing later, and rests nowhere: Lambda does not try it again, and
        # what fails is not sent on.
        self.get(MIRROR).live.configure_async_invoke(
            retry_attempts=0, max_event_age=Duration.minutes(1)
        )
        for spec in FUNCTIONS:
            if spec.publishes_events:
                shared.events.allow_publishing(self.get(spec).function)
            if spec.invokes_reconciler:
                self._functions[spec.name].allow_invoking(
                    self.get(RECONCILE).live, variable="RECONCILE_FUNCTION"
                )
            if spec.invokes_mirror:
                self.get(spec).allow_invoking(self.get(MIRROR).live, variable="MIRROR_FUNCTION")
            if spec.reads_predict_log:
                allow_reading_log(
                    self.get(spec).function, self.get(PREDICT).logs, variable="PREDICT_LOG_GROUP"
                )

    def get(self, spec: FunctionSpec) -> PythonFunction:
        """Return the function of *spec*."""
        return self._functions[spec.name]


def _check_names(environment: Environment) -> None:
    """Raises: ConfigurationError (a setting of a function that does not exist)."""
    known = {spec.name for spec in FUNCTIONS}
    named = {*environment.sizes, *environment.reserved_concurrency}
    if unknown := sorted(named - known):
        raise ConfigurationError(
            f"There is no function {', '.join(unknown)}; there are: {', '.join(sorted(known))}."
        )
