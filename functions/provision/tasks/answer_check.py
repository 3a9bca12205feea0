"""Check that a live deployment still answers its example as it was verified, for `bake`."""

from dataclasses import dataclass

from functions.common.answers.fingerprint import Fingerprint
from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment
from functions.common.errors import ServiceError
from functions.common.observability import make_logger
from functions.common.providers.base import InferenceClient
from functions.common.signatures.body import RequestBody

logger = make_logger("provision")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheck:
    """Sends a deployment its input example, past the API and the circuit breaker.

    Attributes:
        timeout_s: Seconds for the prediction.
        tolerance: Share of its size by which a number of equal answers may differ.
    """

    inference: InferenceClient
    timeout_s: float
    tolerance: float

    def answers_otherwise(self, deployment: Deployment) -> bool:
        """Return whether *deployment* answers otherwise than when it was verified.

        False also where that cannot be known: its answers vary, it has no example, or it does not
        answer at all, which is not for this check to judge.
        """
        verified = Fingerprint.parsed(deployment.package.answer_fingerprint or "")
        example = deployment.contract.input_example
        if verified is None or example is None:
            return False
        body, deadline = RequestBody.of(example), Deadline.after(self.timeout_s)
        try:
            answer = self.inference.invoke(deployment, body, deadline=deadline)
        except ServiceError as error:
            logger.info("answer.not_compared", code=error.code)
            return False
        return not Fingerprint.of(answer.values).agrees_with(verified, self.tolerance)
