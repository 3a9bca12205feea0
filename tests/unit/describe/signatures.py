"""Models with signatures of every kind, as MLflow writes them."""

from dataclasses import dataclass, field
from typing import Any

from functions.common.deployments.record import HUB_RUNTIME, Deployment
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.chat import is_conversation
from functions.common.signatures.request_schema import request_schema
from tests.builders import a_live_deployment

type Spec = dict[str, Any]


def column(kind: str, name: str | None = None, **more: Any) -> Spec:
    return {"type": kind, **({"name": name} if name else {}), "required": True, **more}


def tensor(dtype: str, *shape: int, name: str | None = None) -> Spec:
    spec = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}
    return spec | ({"name": name} if name else {})


def param(name: str, kind: str, default: Any, shape: list[int] | None = None) -> Spec:
    return {"name": name, "type": kind, "dtype": kind, "default": default, "shape": shape}


@dataclass(frozen=True)
class Signed:
    """A model with a signature, a body for it and what it answers."""

    name: str
    inputs: list[Spec] | None
    outputs: list[Spec] | None
    body: dict[str, Any]
    predictions: Any
    params: list[Spec] | None = None
    also_predicts: list[Any] = field(default_factory=list)
    """Other forms that a healthy model may choose."""
    from_type_hint: bool = False
    runtime: str = "toolkit"

    @property
    def deployment(self) -> Deployment:
        """Return the deployment that serves the model."""
        hub = self.runtime == HUB_RUNTIME
        return a_live_deployment(
            model_id=self.name,
            runtime=self.runtime,
            input_schema=self.inputs,
            output_schema=self.outputs,
            params_schema=self.params,
            request_schema=None
            if hub
            else request_schema(self.inputs, self.params, from_type_hint=self.from_type_hint),
            answer_schema=None
            if hub
            else answer_schema(self.outputs, of_chat=is_conversation(self.inputs)),
            input_example=self.body,
        )


COLUMNS = Signed(
    name="modèle à colonnes {1}",
    inputs=[
        column("double", "alcohol"),
        column("long", "class"),
        column("string", "maker's name"),
        column("boolean", "dry", required=False),
        column("datetime", "bottled"),
        column("binary", "label", required=False),
    ],
    outputs=[column("double", "price"), column("string", "verdict", required=False)],
    body={
        "dataframe_split": {
            "columns": ["alcohol", "class", "maker's name", "dry", "bottled"],
            "data": [[14.2, 1, "Ada", True, "2026-11-22T12:00:00"]],
        }
    },
    predictions=[{"price": 12.5, "verdict": "good"}, {"price": None, "verdict": None}],
    also_predicts=[
        [{"price": 12, "more": [1]}],
        [[12.5, "good"]],
        {"price": [1.0, 2.0], "verdict": ["a", None]},
        {"price": 1.0, "verdict": "a"},
    ],
)
TENSOR = Signed(
    name="iris",
    inputs=[tensor("float64", -1, 4)],
    outputs=[tensor("int64", -1)],
    body={"inputs": [[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]},
    predictions=[0, 1],
    also_predicts=[[{"class": 0}, {"class": 1}]],
)
EVERY = [
    COLUMNS,
    TENSOR,
    Signed(
        name="one-column",
        inputs=[column("string", "name")],
        outputs=[column("string")],
        params=[param("times", "long", 1), param("words", "string", ["a"], [-1])],
        body={"dataframe_records": [{"name": "Ada"}], "params": {"times": 2}},
        predictions=["hello Ada", None],
        also_predicts=[[["hello"]], [{"0": "hello"}], {"0": ["hello"]}],
    ),
    Signed(
        name="unnamed-columns",
        inputs=[column("double"), column("double")],
        outputs=[column("double"), column("double")],
        body={"inputs": [[1.0, 2.0]]},
        predictions=[[0.1, None]],
        also_predicts=[[{"0": 0.1, "1": 0.9}]],
    ),
    Signed(
        name="named-tensors",
        inputs=[tensor("float32", -1, 2, name="left"), tensor("str", -1, name="right")],
        outputs=[tensor("float32", -1, 2, name="scores"), tensor("uint8", -1, name="ids")],
        body={"inputs": {"left": [[1.0, 2.0]], "right": ["a"]}},
        predictions={"scores": [[0.1, None]], "ids": [3]},
    ),
    Signed(
        name="nested",
        inputs=[
            column("array", "tags", items={"type": "string"}),
            column(
                "object",
                "person",
                properties={
                    "age": {"type": "long", "required": True},
                    "nick": {"type": "string", "required": False},
                },
            ),
            column("map", "scores", values={"type": "double", "required": True}),
            column("any", "whatever"),
        ],
        outputs=[
            column(
                "array",
                "found",
                items={"type": "object", "properties": {"at": {"type": "long"}}},
            )
        ],
        body={
            "inputs": [
                {"tags": ["a"], "person": {"age": 3}, "scores": {"x": 0.5}, "whatever": [1, "a"]}
            ]
        },
        predictions=[{"found": [{"at": 3}, None]}],
        also_predicts=[[[{"at": 3}]]],
    ),
    Signed(
        name="keywords",
        inputs=[column("long", name) for name in ("not", "if", "properties", "$ref", "items")],
        outputs=[column("long", name) for name in ("type", "required")],
        params=[param("allOf", "string", "not")],
        body={
            "dataframe_records": [{"not": 1, "if": 2, "properties": 3, "$ref": 4, "items": 5}],
            "params": {"allOf": "x"},
        },
        predictions=[{"type": 1, "required": 2}],
    ),
    Signed(
        name="images",
        inputs=[tensor("uint8", -1, 2, 2, 3)],
        outputs=[tensor("float32", -1, 10)],
        body={"instances": [[[[1, 2, 3], [4, 5, 6]], [[7, 8, 9], [0, 1, 2]]]]},
        predictions=[[0.1] * 10],
    ),
    Signed(
        name="only-params",
        inputs=None,
        outputs=None,
        params=[param("k", "integer", 3)],
        body={"inputs": "anything", "params": {"k": 4}},
        predictions={"any": ["thing"]},
    ),
    Signed(name="no-signature", inputs=None, outputs=None, body={"inputs": [1]}, predictions=[1]),
    Signed(
        name="type-hints",
        inputs=[column("object", None, properties={"text": {"type": "string", "required": True}})],
        outputs=[column("string")],
        body={"inputs": [{"text": "a"}]},
        predictions=["a"],
        from_type_hint=True,
    ),
    Signed(
        name="hub source",
        inputs=[column("string")],
        outputs=[column("string", "label"), column("double", "score")],
        body={"inputs": "I like it", "parameters": {"top_k": 1}},
        predictions=[{"label": "POSITIVE", "score": 0.9}],
        runtime=HUB_RUNTIME,
    ),
    Signed(
        name="chat",
        inputs=[
            column(
                "array",
                "messages",
                items={
                    "type": "object",
                    "properties": {
                        "role": {"type": "string", "required": True},
                        "content": {"type": "string", "required": False},
                    },
                },
            ),
            column("double", "temperature", required=False),
        ],
        outputs=[
            column("string", "id"),
            column(
                "array",
                "choices",
                items={"type": "object", "properties": {"text": {"type": "string"}}},
            ),
        ],
        params=[param("max_tokens", "long", 10)],
        body={
            "messages": [{"role": "user", "content": "Hello!"}],
            "temperature": 0.5,
            "max_tokens": 3,
        },
        predictions={"choices": [{"text": "Hello!"}]},
        also_predicts=[{"id": "1", "choices": [{"text": "Hello!"}]}],
    ),
]
"""Every kind of signature; the two most usual ones come first."""
