"""A chat model and an agent by MLflow's own classes; each repeats what it was sent."""

from collections.abc import Callable, Mapping
from typing import Any

import mlflow

from tests.e2e.support.registered_models import PYTHON_MODEL_REQUIREMENTS, log_model

# Each class is made while `log_model` ignores MLflow's warnings, and is local so that it is pickled
# whole, not by name.
# ruff: noqa: PLC0415


def _chat_model() -> Any:
    from mlflow.pyfunc.model import ChatModel
    from mlflow.types.llm import ChatChoice, ChatCompletionResponse, ChatMessage

    class Echo(ChatModel):
        """Returns the last message, and the temperature that it was asked for."""

        def predict(self, context, messages, params):  # type: ignore[override]  # noqa: ARG002
            content = f"{messages[-1].content} {params.temperature}"
            reply = ChatMessage(role="assistant", content=content)
            choices = [ChatChoice(index=0, message=reply)]
            return ChatCompletionResponse(choices=choices, model="echo")

    return Echo()


def _responses_agent() -> Any:
    from mlflow.pyfunc.model import ResponsesAgent
    from mlflow.types.responses import ResponsesAgentResponse

    class Echo(ResponsesAgent):
        """Returns the last message."""

        def predict(self, request):  # type: ignore[override]
            text = request.input[-1].content
            return ResponsesAgentResponse(output=[self.create_text_output_item(text, id="1")])

    return Echo()


NEW_MODEL: Mapping[str, Callable[[], Any]] = {
    "ChatModel": _chat_model,
    "ResponsesAgent": _responses_agent,
}
"""What makes a model, by MLflow's name of its class."""


def log_chat_model(kind: str) -> str:
    """Log a model of the class *kind*, with the class's example; return its URI."""
    return log_model(
        lambda: mlflow.pyfunc.log_model(
            name="model",
            python_model=NEW_MODEL[kind](),
            pip_requirements=PYTHON_MODEL_REQUIREMENTS,
        )
    )
