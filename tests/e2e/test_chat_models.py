"""Chat models and agents are asked in the form of their own API.

Given a `ChatModel` and a `ResponsesAgent`, registered without an example of one's own, when they
are live, then each answers the example of its class, which its page and its OpenAPI document show,
as a whole body. What does not fit is refused with a pointer to it.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.chat_models import NEW_MODEL
from tests.e2e.support.registered_early import RegisteredEarly

USER = {"role": "user", "content": "Hello!"}


@dataclass(frozen=True)
class LiveChatModel:
    """A live model: its name, the field of its messages, and what the API shows of it."""

    name: str
    field: str
    shown: dict[str, Any]
    document: dict[str, Any]

    def ask(self, client: ApiClient, **body: Any) -> Any:
        """Return what it predicts for *body*."""
        answer = client.predict(self.name, body)
        assert 200 == answer.status_code, answer.text
        return answer.json()["predictions"]


@pytest.fixture(scope="module")
def live_models(operator: ApiClient, registered_early: RegisteredEarly) -> dict[str, LiveChatModel]:
    """Both."""
    found = {}
    for kind, (name, version) in registered_early.chat.items():
        deployment = operator.wait_until_live(name, version)
        notes = [entry.get("note") or "" for entry in deployment["timeline"]]
        assert not [note for note in notes if "unverified" in note]
        shown = operator.http.get(f"models/{name}").raise_for_status().json()
        document = operator.http.get(f"models/{name}/openapi.json").raise_for_status().json()
        field = "input" if kind == "ResponsesAgent" else "messages"
        found[kind] = LiveChatModel(name, field, shown, document)
    return found


@pytest.fixture(params=NEW_MODEL)
def chat(request: pytest.FixtureRequest, live_models: dict[str, LiveChatModel]) -> LiveChatModel:
    """Each of them."""
    return live_models[request.param]


def texts(value: Any) -> list[str]:
    """Return all texts within *value*."""
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for each in inner for text in texts(each)]


def test_its_own_example_is_a_body(client: ApiClient, chat: LiveChatModel) -> None:
    """The one that its page shows, as it stands there."""
    example = chat.shown["input_example"]

    assert [USER] == example[chat.field]
    assert any(text.startswith("Hello!") for text in texts(chat.ask(client, **example)))


def test_its_document_describes_the_body_and_the_answer(
    client: ApiClient, chat: LiveChatModel
) -> None:
    """The document's schemas take both, and its example is the model's own."""
    body = chat.document["paths"][f"/models/{chat.name}/predict"]["post"]["requestBody"]
    example = body["content"]["application/json"]["examples"]["input_example"]["value"]
    answer = client.predict(chat.name, example).json()

    assert chat.shown["input_example"] == example
    for schema, value in (("PredictRequest", example), ("Prediction", answer)):
        whole = chat.document | {"$ref": f"#/components/schemas/{schema}"}
        assert [] == [each.message for each in Draft202012Validator(whole).iter_errors(value)]
    assert chat.field in chat.document["components"]["schemas"]["ChatBody"]["required"]


def test_the_other_forms_are_answered_alike(client: ApiClient, chat: LiveChatModel) -> None:
    """As of any model with columns: one row, a list of rows, and a table."""
    own = texts(chat.ask(client, **{chat.field: [USER]}))
    row = {chat.field: [USER]}

    assert own == texts(chat.ask(client, inputs=row))
    assert own == texts(chat.ask(client, dataframe_records=[row]))


@pytest.mark.parametrize("wrong", ["hello", None, {"role": "user"}])
def test_what_does_not_fit_is_refused_with_a_pointer(
    client: ApiClient, chat: LiveChatModel, wrong: Any
) -> None:
    """Before the model is asked."""
    answer = client.predict(chat.name, {chat.field: wrong})

    assert (422, "invalid_input") == (answer.status_code, answer.json()["code"])
    assert [f"/{chat.field}"] == [fault["pointer"] for fault in answer.json()["errors"]]


def test_fields_beside_the_messages_reach_the_model(
    client: ApiClient, live_models: dict[str, LiveChatModel]
) -> None:
    """A whole number is as good as one with a point, for which MLflow's server refuses it."""
    chat = live_models["ChatModel"]

    answer = chat.ask(client, messages=[USER], temperature=2, max_tokens=5.0)

    assert "Hello! 2.0" == answer["choices"][0]["message"]["content"]
