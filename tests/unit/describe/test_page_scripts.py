"""The page's modules that need no browser, run by Node: JSON, types in words, snippets."""

import ast
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.describe.docs_page.assets import assets

NODE = Path(sys.executable).with_name("node")
FOLDER = Path(__file__).parents[3] / "functions/describe/docs_page/static"
URL = "http://127.0.0.1/api/v1/models/d%27Or/predict"
HEADERS = {"Content-Type": "application/json", "Prefer": "wait=20"}

AWKWARD = json.dumps(
    {
        "dataframe_records": [
            {
                "name": 'd\'Or \\ "é" 漢 🙂 \u2028 `${x}` $HOME null',
                "true": [True, False, None, "true", "None", {}, []],
                "big": 9007199254740993,
                "rows": [[index + 0.5 for index in range(4)] for _ in range(9)],
            }
        ],
        "params": {"a": -1.5e-7, "b": 5.0},
    },
    ensure_ascii=False,
)


def node(code: str, values: Any = None) -> Any:
    """Return what *code*, a module beside the page's, writes; it finds *values* as `values`."""
    script = (
        "import { readFileSync } from 'node:fs';\n"
        "const values = JSON.parse(readFileSync(0, 'utf-8'));\n"
        f"{code.replace('from "./', f'from "{FOLDER.as_uri()}/')}"
    )
    command = [str(NODE), "--input-type=module", "--eval", script]
    done = subprocess.run(
        command, input=json.dumps(values), capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", [name for name in assets() if name.endswith(".js")])
def test_every_module_can_be_parsed(name: str) -> None:
    """Node has the same parser as Chromium."""
    command = [str(NODE), "--input-type=module", "--check", "-"]
    done = subprocess.run(
        command, input=assets()[name].text, capture_output=True, text=True, check=False
    )

    assert (0, "") == (done.returncode, done.stderr)


# A lone surrogate cannot be sent to Node.
TEXTS = st.text(st.characters(codec="utf-8"), max_size=10)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=9) | st.dictionaries(TEXTS, inner, max_size=9),
    max_leaves=20,
)

WRITTEN = """
import { parseExactly, toJson, toPython } from "./json.js";
const written = values.map((text) => {
  const value = parseExactly(text);
  return { json: toJson(value), python: toPython(value) };
});
console.log(JSON.stringify(written));
"""


@given(values=st.lists(JSON_VALUES, max_size=30))
@settings(max_examples=6)
def test_values_are_laid_out_without_loss(values: list[Any]) -> None:
    """JSON and Python both hold the same value with the same digits."""
    written = node(WRITTEN, [json.dumps(value) for value in values])

    assert values == [json.loads(each["json"]) for each in written]
    assert values == [ast.literal_eval(each["python"]) for each in written]


def test_what_fits_on_a_line_stays_on_it() -> None:
    """Rows stay rows; no line that can be broken is wider than 80 characters."""
    (written,) = node(WRITTEN, [AWKWARD])
    lines = written["json"].splitlines()

    assert "        [0.5, 1.5, 2.5, 3.5]," in lines
    assert 80 >= max(map(len, lines))


def test_numbers_keep_their_digits() -> None:
    """Integers beyond 2^53 and fractions that are zero are written as they were read."""
    (written,) = node(WRITTEN, ["[9007199254740993, 5.0, -0.0, 1e-7]"])

    assert "[9007199254740993, 5.0, -0.0, 1e-7]" == written["json"] == written["python"]


SNIPPETS = """
import { parseExactly } from "./json.js";
import { LANGUAGES } from "./snippets.js";
const { url, headers, body } = values;
const codes = Object.entries(LANGUAGES).map(([name, write]) =>
  [name, write(url, headers, parseExactly(body))]);
console.log(JSON.stringify(Object.fromEntries(codes)));
"""


@pytest.fixture(scope="module")
def snippets() -> dict[str, str]:
    """Return the code that sends an awkward body, by language."""
    found: dict[str, str] = node(SNIPPETS, {"url": URL, "headers": HEADERS, "body": AWKWARD})
    return found


def test_the_curl_command_sends_the_body(snippets: dict[str, str]) -> None:
    """The shell reads the body back, with quotes of every kind."""
    words = shlex.split(snippets["curl"].replace("\\\n", ""))

    assert (URL, json.loads(AWKWARD)) == (words[4], json.loads(words[-1]))
    assert {f"{name}: {value}" for name, value in HEADERS.items()} < set(words)


def test_the_python_code_sends_the_body(snippets: dict[str, str]) -> None:
    """Python's own parser reads the arguments back."""
    calls = [node for node in ast.walk(ast.parse(snippets["Python"])) if isinstance(node, ast.Call)]
    (call,) = (each for each in calls if "httpx.post" == ast.unparse(each.func))
    arguments = {each.arg: each.value for each in call.keywords}

    assert URL == ast.literal_eval(call.args[0])
    assert json.loads(AWKWARD) == ast.literal_eval(arguments["json"])
    assert all(repr(value) in ast.unparse(arguments["headers"]) for value in HEADERS.values())


@pytest.mark.parametrize("body", [AWKWARD, AWKWARD.replace("9007199254740993", "7")])
def test_the_javascript_code_sends_the_body(body: str) -> None:
    """Integers that JavaScript's numbers would change arrive unchanged, too."""
    found = node(SNIPPETS, {"url": URL, "headers": HEADERS, "body": body})
    catching = """
const sent = {};
const fetch = async (url, options) => {
  Object.assign(sent, { url, body: options.body, headers: options.headers });
  return { ok: true, json: async () => ({ predictions: sent }) };
};
const console = { log: (found) => process.stdout.write(JSON.stringify(found)) };
"""
    sent = node(catching + found["JavaScript"])

    assert (URL, json.loads(body)) == (sent["url"], json.loads(sent["body"]))
    assert HEADERS == {name: sent["headers"][name] for name in HEADERS}


SHORTENED = """
import { parseExactly, toJson } from "./json.js";
import { oneRow } from "./snippets.js";
console.log(JSON.stringify(values.map((body) => toJson(oneRow(parseExactly(body))))));
"""


@pytest.mark.parametrize(
    ("body", "shortened"),
    [
        ({"inputs": [[1, 2], [3, 4]]}, {"inputs": [[1, 2]]}),
        ({"inputs": {"a": [1, 2], "b": 3}}, {"inputs": {"a": [1], "b": 3}}),
        ({"inputs": {"columns": [1, 2]}}, {"inputs": {"columns": [1]}}),
        ({"inputs": 5}, {"inputs": 5}),
        ({"instances": [{"a": 1}, {"a": 2}]}, {"instances": [{"a": 1}]}),
        ({"dataframe_records": [{"a": 1}, {"a": 2}]}, {"dataframe_records": [{"a": 1}]}),
        (
            {"dataframe_split": {"columns": ["a", "b"], "index": [0, 1], "data": [[1, 2], [3, 4]]}},
            {"dataframe_split": {"columns": ["a", "b"], "index": [0], "data": [[1, 2]]}},
        ),
        ({"inputs": [1, 2], "params": {"k": [1, 2]}}, {"inputs": [1], "params": {"k": [1, 2]}}),
        ({"messages": [{"a": 1}, {"a": 2}]}, {"messages": [{"a": 1}, {"a": 2}]}),
        ({"prompt": "x", "stop": ["a", "b"]}, {"prompt": "x", "stop": ["a", "b"]}),
        ({"inputs": {"input": [1, 2]}}, {"inputs": {"input": [1]}}),
        ([1, 2], [1, 2]),
        (None, None),
    ],
)
def test_code_is_shown_with_the_first_row(body: Any, shortened: Any) -> None:
    """This holds for every form of a body; parameters stay whole."""
    (written,) = node(SHORTENED, [json.dumps(body)])

    assert shortened == json.loads(written)


FREE_ROWS = """
import { hasFreeRows } from "./signature.js";
console.log(JSON.stringify(values.map(hasFreeRows)));
"""


def test_code_is_shown_whole_where_one_row_may_not_fit() -> None:
    """One row may not fit without a signature, or where a tensor's first dimension is fixed."""
    free = [[{"name": "a", "type": "long"}], [tensor("float64", -1, 2)]]
    fixed = [None, [], [tensor("float64", 3, 2)], [tensor("str", -1), tensor("str", 3)]]

    assert [True] * 2 + [False] * 4 == node(FREE_ROWS, free + fixed)


IN_WORDS = """
import { emptyBody, typeText } from "./signature.js";
console.log(JSON.stringify({ types: values.map(typeText), body: emptyBody(values) }));
"""
COLUMNS = [
    {"name": "age", "type": "long", "required": True},
    {"name": "spent", "type": "double", "required": False},
    {"name": "at", "type": "datetime", "required": True},
    {"name": "image", "type": "binary", "required": True},
    {"name": "tags", "type": "array", "items": {"type": "string"}, "required": True},
    {"name": "counts", "type": "map", "values": {"type": "integer"}, "required": True},
    {
        "name": "home",
        "type": "object",
        "properties": {
            "zip": {"type": "string", "required": True},
            "floor": {"type": "integer", "required": False},
        },
        "required": True,
    },
    {"name": "rest", "type": "any", "required": True},
]


def test_columns_are_named_in_words() -> None:
    """A body without an example has a row with each of them."""
    found = node(IN_WORDS, COLUMNS)

    assert [
        "long",
        "double",
        "datetime (ISO 8601)",
        "binary (Base64)",
        "array of string",
        "map of string to integer",
        "object { zip: string, floor?: integer }",
        "any",
    ] == found["types"]
    (row,) = found["body"]["dataframe_records"]
    assert [each["name"] for each in COLUMNS] == list(row)
    assert (0, [""], {"zip": "", "floor": 0}) == (row["age"], row["tags"], row["home"])


def tensor(dtype: str, *shape: int, name: str | None = None) -> dict[str, Any]:
    """Return a tensor specification as MLflow writes it."""
    named = {"name": name} if name else {}
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}} | named


@pytest.mark.parametrize(
    ("specs", "types", "body"),
    [
        ([tensor("float64", -1, 2)], ["float64 tensor, shape (any, 2)"], {"inputs": [[0, 0]]}),
        (
            [tensor("str", -1, name="text"), tensor("bool", -1, 1, name="flag")],
            ["str tensor, shape (any)", "bool tensor, shape (any, 1)"],
            {"inputs": {"text": [""], "flag": [[False]]}},
        ),
        ([{"type": "double"}, {"type": "string"}], ["double", "string"], {"inputs": [[0, ""]]}),
        (
            [{"type": "array", "items": {"type": "any"}, "name": "input"}],
            ["array of any"],
            {"input": [{"role": "user", "content": "Hello!"}]},
        ),
        ([], [], {"inputs": []}),
    ],
    ids=["a tensor", "named tensors", "columns without names", "a chat", "no signature"],
)
def test_an_empty_body_has_the_form_of_the_signature(
    specs: list[dict[str, Any]], types: list[str], body: dict[str, Any]
) -> None:
    """A dimension of any size has one element."""
    assert {"types": types, "body": body} == node(IN_WORDS, specs)
