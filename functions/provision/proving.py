"""The task `prove`: the model answers through the very code that predictions use."""

import json
from dataclasses import dataclass

from functions.common.deployments.record import Deployment
from functions.common.errors import ModelRejectedInputError, ProviderError
from functions.common.providers.base import InferenceClient, Predictions
from functions.provision.tasks import Outcome, failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """Sends a deployment the input example that its model was logged with."""

    inference: InferenceClient
    timeout_s: float

    def prove(self, deployment: Deployment) -> Outcome:
        """`proved`, or `failed` with what the model said.

        Without an example only the health that `check` has seen speaks for it.

        Raises: ModelNotReadyError, ProviderTimeoutError, RateLimitedError (a replica that has
        just started can still do that: try again).
        """
        if deployment.input_example is None:
            return Outcome(name="proved", note="proved by its health alone (unproven input)")
        body = json.dumps(deployment.input_example, ensure_ascii=False).encode()
        try:
            answer = self.inference.invoke(deployment, body, timeout_s=self.timeout_s)
        except ModelRejectedInputError as error:
            return failed(f"The model rejected its own input example: {error.detail}")
        except ProviderError as error:
            return failed(f"The input example got no prediction: {error.detail}")
        problem = _problem(answer, deployment)
        return failed(problem) if problem else Outcome(name="proved")


def _problem(answer: Predictions, deployment: Deployment) -> str | None:
    if answer.deployment_id != deployment.id:
        return "Another deployment answered at the endpoint's address."
    if answer.values is None:
        return "The model answered its input example with no predictions."
    return None
