"""`PredictionApi` that answers from a dictionary; tests/contract runs the same tests on HTTP."""

from collections.abc import Mapping
from threading import Lock

from functions.uptime.api import ApiAnswer, NoAnswerError


class FakePredictionApi:
    """Answers by model; what is an exception is raised. `calls` has model, body and key of each."""

    def __init__(self, answers: Mapping[str, ApiAnswer | NoAnswerError]) -> None:
        self.answers = dict(answers)
        self.calls: list[tuple[str, bytes, str]] = []
        self._lock = Lock()

    def predict(self, model_id: str, body: bytes, *, key: str) -> ApiAnswer:
        with self._lock:
            self.calls.append((model_id, body, key))
        answer = self.answers[model_id]
        if isinstance(answer, NoAnswerError):
            raise answer.with_traceback(None)
        return answer
