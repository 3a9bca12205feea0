"""Chat models and agents take the body of their own API, from their example to their answer."""

import json
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.common.deployments.record import Deployment
from functions.common.errors import Fault, InvalidInputError, InvalidRequestError
from functions.common.providers.huggingface.runtime import predicting
from functions.common.providers.provider import Runtime
from functions.common.signatures.body import CHAT_FIELDS, RequestBody
from functions.common.signatures.chat import is_conversation, takes_chat
from functions.common.signatures.check import InputValidator, check_fields, mismatch
from functions.provision.registry.artifacts import VersionFiles
from functions.provision.registry.folder import FolderStore
from functions.provision.registry.model_files import read_model_files
from functions.provision.tasks.version_record import validated
from tests.builders import a_deployment
from tests.fakes.model_registry import a_version

with warnings.catch_warnings():
    # mlflow warns about its own type hints while it is imported.
    warnings.simplefilter("ignore")
    import mlflow
    from mlflow.pyfunc.model import ChatAgent, ChatModel, ResponsesAgent
    from mlflow.types.agent import ChatAgentMessage, ChatAgentResponse
    from mlflow.types.llm import ChatChoice, ChatCompletionResponse, ChatMessage
    from mlflow.types.responses import ResponsesAgentResponse

type Specs = list[dict[str, Any]]

RUNTIME = Runtime(name="container", pythons=("3.13",))
USER = {"role": "user", "content": "hello"}
A_CHAT: Specs = [{"type": "array", "name": "messages", "items": {"type": "any"}, "required": True}]
COLUMNS: Specs = [
    {"type": "string", "name": "text"},
    {"type": "long", "name": "inputs"},
]
NUMBERED: Specs = [{"type": "string", "name": "input"}, {"type": "long", "name": 1}]
PROMPT: Specs = [
    {"type": "string", "name": "prompt"},
    {"type": "long", "name": "n", "required": False},
]
TENSOR: Specs = [
    {"type": "tensor", "name": "input", "tensor-spec": {"dtype": "int8", "shape": [-1]}}
]


class Model(ChatModel):
    def predict(  # type: ignore[override]  # as its documentation has it
        self,
        context: Any,  # noqa: ARG002
        messages: Any,
        params: Any,
    ) -> Any:
        reply = ChatMessage(role="assistant", content=f"{messages[-1].content} {params.max_tokens}")
        return ChatCompletionResponse(choices=[ChatChoice(index=0, message=reply)], model="echo")


class Agent(ChatAgent):
    def predict(  # type: ignore[override]
        self,
        messages: Any,
        context: Any = None,  # noqa: ARG002
        custom_inputs: Any = None,  # noqa: ARG002
    ) -> Any:
        reply = ChatAgentMessage(role="assistant", content=messages[-1].content, id="1")
        return ChatAgentResponse(messages=[reply])


class Responder(ResponsesAgent):
    def predict(self, request: Any) -> Any:  # type: ignore[override]
        text = request.input[-1].content
        return ResponsesAgentResponse(output=[self.create_text_output_item(text=text, id="1")])


def completer() -> Any:
    """Return a custom model; created with warnings suppressed."""

    class Completer(mlflow.pyfunc.PythonModel):
        # Without type hints, which mlflow would take for the model's signature.
        def predict(self, context, model_input, params=None):  # noqa: ARG002
            rows = model_input.to_dict("records")
            return [" ".join([row["prompt"]] * row["n"]) for row in rows]

    return Completer()


def saved(
    model: Callable[[], Any], folder: Path, **more: Any
) -> tuple[Deployment, predicting.LoadedModel]:
    """Save *model*; return it as a deployment, and as the endpoint loads it."""
    # mlflow prints some of its warnings whatever the filters are.
    with warnings.catch_warnings(record=True, action="ignore"):
        mlflow.pyfunc.save_model(
            path=folder / "model", python_model=model(), pip_requirements=["mlflow"], **more
        )
    files = read_model_files(VersionFiles(FolderStore(folder / "model")), place="here")
    description = files.description
    version = a_version(
        flavors=description.flavors,
        inputs=description.inputs,
        outputs=description.outputs,
        params=description.params,
        input_example=files.input_example,
    )
    return validated(a_deployment(), version, RUNTIME), predicting.LoadedModel(str(folder))


@pytest.fixture
def _quiet_mlflow() -> Iterator[None]:
    """Without traces, which would be kept in files; the endpoint's code silences mlflow's log."""
    log = logging.getLogger("mlflow")
    level = log.level
    mlflow.tracing.disable()
    yield
    log.setLevel(level)


@pytest.mark.usefixtures("_quiet_mlflow")
@pytest.mark.parametrize(
    ("model", "field", "more", "reply"),
    [
        (Model, "messages", {"max_tokens": 7}, "hello 7"),
        (Agent, "messages", {"context": {"user_id": "me"}}, "hello"),
        (Responder, "input", {"temperature": 0.5, "model": "any"}, "hello"),
    ],
    ids=["ChatModel", "ChatAgent", "ResponsesAgent"],
)
def test_a_chat_model_takes_its_own_body(
    model: type[Any], field: str, more: dict[str, Any], reply: str, tmp_path: Path
) -> None:
    """Its example is one, passes every check of a call, and its answer fits without what MLflow's
    classes leave out."""
    deployment, loaded = saved(model, tmp_path)
    contract = deployment.contract
    assert contract.input_example
    assert field in contract.input_example
    for parsed in (contract.input_example, {field: [USER], **more}):
        body = RequestBody.of(parsed)
        check_fields(body)
        InputValidator().check(deployment, body)
        answer = loaded.predict(json.loads(body.raw))
        assert mismatch(json.loads(answer), contract.answer_schema) is None
    assert f'"{reply}"' in answer

    with pytest.raises(InvalidInputError) as refused:
        InputValidator().check(deployment, RequestBody.of({field: "hello"}))

    assert (Fault(f"/{field}", "should be a list"),) == refused.value.faults
    assert mismatch({"unrelated": 1}, contract.answer_schema)


@pytest.mark.parametrize("field", CHAT_FIELDS)
@pytest.mark.parametrize("inputs", [None, COLUMNS, NUMBERED, TENSOR])
def test_other_models_take_no_body_of_chat(field: str, inputs: Any) -> None:
    """They are asked in one of the formats."""
    deployment, body = a_deployment(input_schema=inputs), RequestBody.of({field: [USER]})
    check_fields(body)

    with pytest.raises(InvalidRequestError, match=r"exactly one of inputs, .*; found none\."):
        InputValidator().check(deployment, body)


def test_a_hub_source_takes_no_body_of_chat() -> None:
    """Its server takes `inputs` alone, whatever the signature says."""
    deployment = a_deployment(input_schema=A_CHAT, runtime="hub")

    with pytest.raises(InvalidRequestError):
        InputValidator().check(deployment, RequestBody.of({"messages": [USER]}))


def test_a_body_of_chat_has_no_format_beside_it() -> None:
    """MLflow's server would ignore one of the two."""
    with pytest.raises(InvalidRequestError, match="unknown fields: messages"):
        check_fields(RequestBody.of({"inputs": [], "messages": [USER]}))


def test_a_signature_shows_who_chats() -> None:
    """Only of those with a list may answers lack what MLflow's classes leave out."""
    assert [True, True, False] == [takes_chat(A_CHAT), takes_chat(PROMPT), takes_chat(None)]
    assert [True, False] == [is_conversation(A_CHAT), is_conversation(PROMPT)]


@pytest.mark.usefixtures("_quiet_mlflow")
def test_a_model_of_texts_takes_its_example(tmp_path: Path) -> None:
    """A custom model that was logged with `{"prompt": …}`, which MLflow's server takes as it is."""
    example = {"prompt": "hello", "n": 2, "share": 0.5}
    deployment, loaded = saved(completer, tmp_path, input_example=example)

    assert example == deployment.contract.input_example
    for parsed, answered in (
        (example, "hello hello"),
        ({"prompt": "x", "n": 3.0, "share": 2}, "x x x"),
    ):
        body = RequestBody.of(parsed)
        check_fields(body)
        InputValidator().check(deployment, body)
        assert json.dumps([answered]) == loaded.predict(json.loads(body.raw))
    with pytest.raises(InvalidInputError) as refused:
        InputValidator().check(
            deployment, RequestBody.of({"prompt": ["x", "y"], "n": 1, "share": 1})
        )
    assert (Fault("/prompt", "should be a string"),) == refused.value.faults


def test_the_endpoint_knows_the_same_fields() -> None:
    """Its code is copied there and cannot import ours."""
    assert CHAT_FIELDS == predicting.CHAT_KEYS
