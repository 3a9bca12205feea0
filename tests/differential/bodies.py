"""Request bodies for a signature: valid ones, and those with one change."""

import json
from collections.abc import Callable
from copy import deepcopy
from itertools import product
from random import Random
from typing import Any

from functions.common.signatures.chat import takes_chat
from tests.differential.signatures import Signature

POOL: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 7, 1.0, 0.5, -2.5, 1e300, 300, 70_000, 2**31, 2**40, 2**53 + 1,
    2**63, 2**70, "", "x", "5", "1.5", "-3", " 4 ", "1e3", "nan", "inf", "true", "2026-01-02",
    "2026-01-02T03:04:05", "2026-01-02 03:04:05.123456", "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05+02:00", "2026-13-45", "02/01/2026", "aGk=", "aGk", "ä", "now", "1_000",
    [], {}, [1], [0.5, 2.5], ["x"], [None], [True], [[1.0]], [{"k": 1}], {"k": 1}, {"k": "x"},
)  # fmt: skip
FORMS = ("inputs", "instances", "dataframe_split", "dataframe_records")
FIELDS = "fields"
"""The own body of a chat model: its columns and params side by side."""


def bodies(signature: Signature, count: int, random: Random) -> list[bytes]:
    """Return bodies as JSON, a sixth of them unchanged."""
    made = []
    forms = [*FORMS, FIELDS] if takes_chat(signature.inputs) else FORMS
    for number in range(count):
        body = good_body(signature, forms[number % len(forms)], random)
        for _ in range(random.choice([0, 1, 1, 1, 2, 3])):
            change(body, random)
        made.append(json.dumps(body, ensure_ascii=False).encode())
    return made


def good_body(signature: Signature, form: str, random: Random) -> dict[str, Any]:
    """Return a body that fits *signature*."""
    if form == FIELDS:
        return _fields(signature, random)
    body: dict[str, Any] = {form: _input(signature.inputs, form, random)}
    if signature.params is not None and random.random() < 0.7:
        body[random.choice(["params", "parameters", "options"])] = {
            spec["name"]: deepcopy(spec["default"])
            for spec in signature.params
            if random.random() < 0.8
        }
    return body


def _fields(signature: Signature, random: Random) -> dict[str, Any]:
    columns = {
        spec["name"]: value(spec, random)
        for spec in signature.inputs or []
        if spec["required"] or random.random() < 0.7
    }
    params = {spec["name"]: deepcopy(spec["default"]) for spec in signature.params or []}
    return columns | params


def _input(specs: list[dict[str, Any]] | None, form: str, random: Random) -> Any:
    if specs is None:
        return [1]
    rows = random.choice([1, 1, 2, 3])
    if specs[0]["type"] == "tensor":
        return _tensors(specs, form, rows, random)
    table = [[value(spec, random) for spec in specs] for _ in range(rows)]
    names = [spec.get("name") for spec in specs]
    if names[0] is None:
        return _unnamed(table, form, random)
    return _named(table, names, specs, form, random)


def _named(table: Any, names: Any, specs: Any, form: str, random: Random) -> Any:
    order = list(range(len(names)))
    if random.random() < 0.5:
        random.shuffle(order)
    records = [{names[at]: row[at] for at in order} for row in table]
    optional = [spec["name"] for spec in specs if not spec["required"]]
    for record, name in product(records, optional):
        if random.random() < 0.2:
            del record[name]
    if form == "dataframe_split":
        columns = [names[at] for at in order]
        return {"columns": columns, "data": [[row[at] for at in order] for row in table]}
    if form == "dataframe_records" or random.random() < 0.5:
        return records
    if random.random() < 0.3:
        return records[0]
    if len(names) == 1 and random.random() < 0.5:
        return [row[0] for row in table]
    return {names[at]: [row[at] for row in table] for at in order}


def _unnamed(table: Any, form: str, random: Random) -> Any:
    if form == "dataframe_split":
        return {"data": table}
    if form == "dataframe_records":
        return [{str(at): each for at, each in enumerate(row)} for row in table]
    if len(table[0]) == 1 and random.random() < 0.7:
        return [row[0] for row in table] if random.random() < 0.8 else table[0][0]
    return table


def _tensors(specs: Any, form: str, rows: int, random: Random) -> Any:
    parts = {spec.get("name"): _tensor(spec, rows, random) for spec in specs}
    if form.startswith("dataframe"):
        cells = {name or "x": [_flat(each) for each in part] for name, part in parts.items()}
        if form == "dataframe_split":
            return {"columns": list(cells), "data": _rows(cells)}
        return [dict(zip(cells, row, strict=True)) for row in _rows(cells)]
    if None in parts:
        return parts[None]
    if form == "instances":
        return [dict(zip(parts, row, strict=True)) for row in _rows(parts)]
    if len(parts) == 1 and random.random() < 0.4:
        return next(iter(parts.values()))
    return parts


def _rows(parts: dict[Any, Any]) -> list[Any]:
    return [list(row) for row in zip(*parts.values(), strict=False)]


def _tensor(spec: Any, rows: int, random: Random) -> Any:
    shape = spec["tensor-spec"]["shape"]
    free = iter([rows, *random.choices([1, 2], k=len(shape))])
    sizes = [next(free) if size == -1 else size for size in shape]
    return _filled(sizes, spec["tensor-spec"]["dtype"], random)


def _filled(sizes: list[int], dtype: str, random: Random) -> Any:
    if not sizes:
        kind = dtype.rstrip("0123456789").removeprefix("u").split("64[")[0]
        return _SCALARS[_KINDS[kind]](random)
    return [_filled(sizes[1:], dtype, random) for _ in range(sizes[0])]


def _flat(part: Any) -> Any:
    if not isinstance(part, list):
        return part
    return [leaf for each in part for leaf in (_flat(each) if isinstance(each, list) else [each])]


def value(spec: dict[str, Any], random: Random) -> Any:
    """Return a value that fits a column, a property or an item; sometimes null, where allowed."""
    kind = spec["type"]
    if not spec.get("required", True) and random.random() < 0.15:
        return None
    if kind == "array":
        return [value(spec["items"], random) for _ in range(random.randint(0, 3))]
    if kind == "map":
        return {key: value(spec["values"], random) for key in random.sample("klm", 2)}
    if kind == "object":
        return {
            name: value(inner, random)
            for name, inner in spec["properties"].items()
            if inner.get("required", True) or random.random() < 0.7
        }
    return _SCALARS[kind](random)


_SCALARS: dict[str, Callable[[Random], Any]] = {
    "any": lambda random: random.choice(POOL),
    "binary": lambda random: random.choice(["aGk=", "AAECAw==", "YWJj"]),
    "boolean": lambda random: random.random() < 0.5,
    "datetime": lambda random: f"20{random.randint(10, 30)}-01-{random.randint(10, 28)}T03:04:05",
    "double": lambda random: random.choice([0.5, -1.25, 1e-7, 12345.678]),
    "float": lambda random: random.choice([0.5, -1.25, 3.75]),
    "integer": lambda random: random.randint(0, 99),
    "long": lambda random: random.randint(0, 120),
    "sparkml_vector": lambda random: [0.5, random.random()],
    "string": lambda random: random.choice(["x", "Grüße", "a b"]),
}
_KINDS = {
    "bool": "boolean", "int": "integer", "float": "double", "str": "string", "object": "string",
    "datetime": "datetime",
}  # fmt: skip


def change(body: dict[str, Any], random: Random) -> None:
    """Change one thing at a random place."""
    places = list(_places(body))
    container, key = random.choice(places)
    choice = random.random()
    if choice < 0.55:
        container[key] = deepcopy(random.choice(POOL))
    elif choice < 0.65 and container is not body:
        del container[key]
    elif choice < 0.75:
        container[key] = [container[key]]
    elif choice < 0.85 and isinstance(container[key], list):
        container[key].append(deepcopy(random.choice([random.choice(POOL), *container[key][:1]])))
    elif choice < 0.95 and isinstance(container[key], dict):
        container[key]["extra"] = deepcopy(random.choice(POOL))
    elif isinstance(container[key], list) and container[key]:
        container[key].pop()
    else:
        container[key] = str(container[key])


def _places(part: Any) -> Any:
    items = part.items() if isinstance(part, dict) else enumerate(part)
    for key, inner in list(items):
        yield part, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
