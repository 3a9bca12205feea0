"""Models that chat, by MLflow's own classes for them; each repeats what it was sent.

Imported by `log_models.py`. Every public function returns a `Sample`.
"""

from __future__ import annotations

from typing import Any

import mlflow
from mlflow.pyfunc import ChatAgent, ChatModel, ResponsesAgent
from mlflow.types.agent import ChatAgentMessage, ChatAgentResponse
from mlflow.types.llm import ChatChoice, ChatCompletionResponse, ChatMessage
from mlflow.types.responses import ResponsesAgentResponse
from samples import Sample

MESSAGES = [{"role": "user", "content": "hello"}]
REPLY = {"role": "assistant", "content": "hello!"}


def chat_model() -> Sample:
    class Echo(ChatModel):
        """Returns the last message."""

        def predict(self, context, messages, params):  # noqa: ARG002
            reply = ChatMessage(role="assistant", content=f"{messages[-1].content}!")
            choices = [ChatChoice(index=0, message=reply)]
            return ChatCompletionResponse(choices=choices, model="echo", created=1)

    choice = {"index": 0, "message": REPLY, "finish_reason": "stop"}
    answer = {"model": "echo", "created": 1, "object": "chat.completion", "choices": [choice]}
    return Sample(_log(Echo()), {"messages": MESSAGES}, answer)


def chat_agent() -> Sample:
    class Echo(ChatAgent):
        """Returns the last message."""

        def predict(self, messages, context=None, custom_inputs=None):  # noqa: ARG002
            content = f"{messages[-1].content}!"
            reply = ChatAgentMessage(role="assistant", content=content, id="1")
            return ChatAgentResponse(messages=[reply])

    return Sample(_log(Echo()), {"messages": MESSAGES}, {"messages": [{**REPLY, "id": "1"}]})


def responses_agent() -> Sample:
    class Echo(ResponsesAgent):
        """Returns the last message."""

        def predict(self, request):
            text = f"{request.input[-1].content}!"
            output = [self.create_text_output_item(text=text, id="1")]
            return ResponsesAgentResponse(output=output)

    text = {"type": "output_text", "text": "hello!", "annotations": []}
    message = {"type": "message", "id": "1", "role": "assistant", "content": [text]}
    answer = {"object": "response", "output": [message]}
    return Sample(_log(Echo()), {"input": MESSAGES}, answer)


def _log(model: Any) -> Any:
    """Return what logs *model*, with the example of its class."""

    def log(name: str, **_example: Any) -> Any:
        return mlflow.pyfunc.log_model(name=name, python_model=model)

    return log
