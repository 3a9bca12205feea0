"""Signatures of every kind that MLflow knows: hand-written ones, and random ones."""

from dataclasses import dataclass
from random import Random
from typing import Any

SCALARS = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")
DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint32", "uint64",
    "float16", "float32", "float64", "str", "object", "datetime64[ns]",
)  # fmt: skip


@dataclass(frozen=True)
class Signature:
    """The parts of an MLmodel's signature that concern a request body."""

    inputs: list[dict[str, Any]] | None
    params: list[dict[str, Any]] | None = None


def column(kind: Any, name: str | None = "a", *, required: bool = True) -> dict[str, Any]:
    """Return a column of a scalar type, or with a type's own settings."""
    spec = {"type": kind} if isinstance(kind, str) else dict(kind)
    return spec | ({"name": name} if name is not None else {}) | {"required": required}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": items} if isinstance(items, str) else items}


def a_map(values: Any) -> dict[str, Any]:
    return {"type": "map", "values": {"type": values} if isinstance(values, str) else values}


def an_object(**properties: Any) -> dict[str, Any]:
    """Return an object type; a property is required unless its name ends in `_`."""
    return {
        "type": "object",
        "properties": {
            name: ({"type": inner} if isinstance(inner, str) else inner)
            | {"required": not name.endswith("_")}
            for name, inner in properties.items()
        },
    }


def tensor(dtype: str, *shape: int, name: str | None = None) -> dict[str, Any]:
    spec = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}}
    return spec | ({"name": name} if name is not None else {})


def param(kind: str, default: Any, name: str = "p", *, listed: bool = False) -> dict[str, Any]:
    return {"name": name, "type": kind, "default": default, "shape": [-1] if listed else None}


A_MOMENT = "2026-01-02T03:04:05"
PARAMS = [
    [param("boolean", True)],
    [param("integer", 1)],
    [param("long", 1)],
    [param("float", 0.5)],
    [param("double", 0.5), param("string", "x", "q")],
    [param("string", "x")],
    [param("datetime", A_MOMENT)],
    [param("double", [0.5], listed=True), param("long", [1], "q", listed=True)],
    [param("string", ["x"], listed=True)],
    [param("object", {"k": "x"}) | an_object(k="string", n_="double")],
    [param("double", None), param("long", None, "q")],
    [],
]
NESTED = [
    array("double"), array("long"), array("string"), array("boolean"), array("any"),
    array("datetime"), array("integer"), array("binary"), array(array("double")),
    array(array("string")), array(an_object(k="string", n_="double")), a_map("double"),
    a_map("string"), a_map("any"), a_map(array("long")), {"type": "any"},
    {"type": "sparkml_vector"}, an_object(k="double", s="string", o_="long"),
    an_object(k=array("string"), o_=an_object(z="boolean")), an_object(any_={"type": "any"}),
    an_object(m=a_map("double"), b_="binary"), array(a_map("string")),
]  # fmt: skip


MESSAGE = an_object(role="string", content_="string")
CHATS = [
    Signature(
        [
            column(array(MESSAGE), "messages"),
            column("double", "temperature", required=False),
            column("long", "max_tokens", required=False),
        ]
    ),
    Signature([column(array("any"), "input"), column({"type": "any"}, "m", required=False)]),
    Signature(
        [column("string", "prompt"), column(array("string"), "stop", required=False)],
        [param("double", 0.5)],
    ),
    Signature([column("string", "input")], [param("long", 1)]),
    Signature([column("long", "input"), column("boolean", "b"), column("double", "c")]),
]


def by_hand() -> list[Signature]:
    """Return hand-written signatures: every type, required or not, named or not; shapes; params."""
    double = [column("double")]
    return [
        *(Signature([column(kind)]) for kind in SCALARS),
        *(Signature([column(kind, required=False)]) for kind in SCALARS),
        *(Signature([column(kind, None)]) for kind in SCALARS),
        *(Signature([column(kind), column("double", "b")]) for kind in SCALARS),
        *(Signature([column("string"), column(kind, "b", required=False)]) for kind in SCALARS),
        *(Signature([column(kind)]) for kind in NESTED),
        *(Signature([column(kind, required=False), column("double", "b")]) for kind in NESTED),
        *(Signature([tensor(dtype, -1, 2)]) for dtype in DTYPES),
        Signature([tensor("float64", -1)]),
        Signature([tensor("str", -1)]),
        Signature([tensor("object", -1)]),
        Signature([tensor("float32", -1, -1)]),
        Signature([tensor("uint8", -1, 2, 2, 1)]),
        Signature([tensor("int64", 2, 3)]),
        Signature([tensor("float64", -1, 1)]),
        Signature([tensor("float64", -1, 2, name="x")]),
        Signature([tensor("float64", -1, name="x"), tensor("int32", -1, 2, name="y")]),
        Signature([column("double", None), column("double", None)]),
        Signature([column("long", None), column("double", None), column("string", None)]),
        *(Signature(double, params) for params in PARAMS),
        Signature(None, PARAMS[1]),
        *CHATS,
    ]


def made_up(count: int, random: Random) -> list[Signature]:
    return [_made_up(random) for _ in range(count)]


def _made_up(random: Random) -> Signature:
    params = random.choice(PARAMS) if random.random() < 0.2 else None
    if random.random() < 0.25:
        return Signature(_tensors(random), params)
    unnamed = random.random() < 0.1
    names = [None, None, None] if unnamed else random.sample(["a", "b b", "ü", "~/c", "0"], 5)
    columns = []
    for name in names[: random.randint(1, 4)]:
        nested = random.random() < 0.25 and not unnamed
        kind = random.choice(NESTED) if nested else random.choice(SCALARS)
        columns.append(column(kind, name, required=unnamed or random.random() < 0.7))
    return Signature(columns, params)


def _tensors(random: Random) -> list[dict[str, Any]]:
    names: list[str | None] = random.choice([[None], ["x"], ["x", "y"]])
    return [
        tensor(
            random.choice(DTYPES),
            -1,
            *(random.choice([-1, 1, 2, 3]) for _ in range(random.randint(0, 2))),
            name=name,
        )
        for name in names
    ]
