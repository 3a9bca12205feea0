"""Strategies for versions: files, addresses, tags and times, good ones and those with changes."""

import json
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import yaml
from hypothesis import strategies as st

COLUMNS: list[Any] = [
    {"type": "double", "name": "a", "required": True},
    {"type": "long", "name": "b", "required": False},
    {"type": "array", "items": {"type": "object", "properties": {"k": {"type": "string"}}}}
    | {"name": "c"},
]
TENSORS: list[Any] = [
    {"type": "tensor", "name": "x", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}},
    {"type": "tensor", "name": "y", "tensor-spec": {"dtype": "str", "shape": [-1]}},
]
NUMBERED: list[Any] = [{"type": "double", "name": number} for number in range(3)]
PARAMS: list[Any] = [{"name": "top", "type": "long", "default": 1, "shape": None}]
EXAMPLES: list[Any] = [
    {"dataframe_split": {"columns": ["a", "b"], "data": [[1.5, 2]]}},
    {"inputs": {"x": [[1, 2, 3, 4]], "y": ["z"]}, "params": {"top": 3}},
    {"inputs": [1, None, float("nan")]},
]
MLMODEL: Any = {
    "artifact_path": "model",
    "flavors": {
        "python_function": {
            "loader_module": "mlflow.sklearn",
            "model_path": "model.pkl",
            "python_version": "3.12.4",
            "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
        },
        "sklearn": {"pickled_model": "model.pkl", "serialization_format": "cloudpickle"},
    },
    "mlflow_version": "3.17.2",
    "model_size_bytes": 1_234,
    "saved_input_example_info": {
        "artifact_path": "input_example.json",
        "serving_input_path": "serving_input_example.json",
        "type": "dataframe",
    },
    "utc_time_created": "2026-11-30 08:00:00.123456",
}
HUB: Any = {"source_model_name": "a/b", "source_model_revision": "c" * 40, "task": "fill-mask"}
CONDA: Any = {"dependencies": ["python=3.12", {"pip": ["numpy==2.1", "mlflow"]}]}
BOMB = "\n".join(
    [
        "flavors: {}",
        "a0: &a0 [x, x, x]",
        *(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]" for at in range(1, 10)),
    ]
)
LINES = (
    "numpy", "numpy==2.1.0", "mlflow==3.17.2", "pandas>=2,<3 ; python_version > '3'", "-e .",
    "-r other.txt", "-c bounds.txt", "--hash=sha256:0", "--index-url https://u:pw@elsewhere.test",
    "a @ https://elsewhere.test/a-1-py3-none-any.whl", "a @ file:///etc/passwd", "a @ https://[x",
    "a @ git+https://elsewhere.test/a@" + "0" * 40, "torch==2.1+cu118", "x" * 30_000,
    "numpy" + " " * 40_000,
    "numpy ; " + "(" * 15_000, "numpy==1" + "0" * 5_000, "https:" + "/" * 20_000, "numpy \\", "# x",
    "\x00", "\u2028", "nümpy", "numpy==*", "numpy===x", "../../etc", "{a}", "%(a)s",
)  # fmt: skip
ODD_TEXTS = (
    "", " ", "null", "true", "[]", "{}", "[" * 2_000, "{" * 500, "\ud7ff", "\U0010ffff", "\x00",
    "../x", "/etc/passwd", "mlflow.h2o", "3.999999.1", "9" * 5_000, "1e999", "-1", "NaN",
    "hello", "x" * 2_000,
)  # fmt: skip
SOURCES = (
    "mlflow-artifacts:/1/m", "http://elsewhere.test/m", "file:///etc", "/etc",
    "https://127.0.0.2/m",
    "mlflow-artifacts://elsewhere.test/1/m", "ftp://elsewhere.test/m", "s3://bucket/m", "gs://b/m",
    "dbfs:/m", "wasbs://c@a.test/m", "runs:/1/m", "models:/m-1", "", "mlflow-artifacts:/1/../../m",
    "mlflow-artifacts:/1/%2e%2e/m", "http://[x", "mlflow-artifacts:", "mlflow-artifacts:/1/m?x=1#y",
)  # fmt: skip
TAGS = ("hokus.instance_size", "hokus.min_replicas", "hokus.max_replicas", "hokus.deploy", "owner",
        "hokus.scale_to_zero_after_min", "hokus.status", "hokus.reason")  # fmt: skip
TIMES = (0, -1, 1, 1_700_000_000_000, 4_102_444_800_000, 253_402_300_799_999, 2**62, -(2**62))

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(ODD_TEXTS)
    | st.text(max_size=20)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version as a registry has it.

    Attributes:
        files: Contents by path.
        stated_sizes: Sizes in the listing that are not true, by path.
        loops: The listing has a folder that holds itself.
    """

    files: dict[str, bytes]
    stated_sizes: dict[str, Any] = field(default_factory=dict)
    source: str = "mlflow-artifacts:/1/m"
    tags: dict[str, str] = field(default_factory=dict)
    created_ms: int = 1_700_000_000_000
    loops: bool = False


@st.composite
def changed(draw: st.DrawFn, base: Any) -> Any:
    """Draw *base* with one or two changes: another value, one less, or one more."""
    value = deepcopy(base)
    for _ in range(draw(st.integers(1, 2))):
        value = _changed_once(draw, value)
    return value


def _changed_once(draw: st.DrawFn, value: Any) -> Any:
    match value:
        case dict():
            places: list[Any] = list(value)
        case list():
            places = list(range(len(value)))
        case _:
            places = []
    change = draw(st.sampled_from([*["inside"] * 6, "less", "more", "another"]))
    if not places or change == "another":
        return draw(ANYTHING)
    at = draw(st.sampled_from(places))
    if change == "less":
        del value[at]
    elif change == "more" and isinstance(value, dict):
        value[draw(st.text(max_size=8))] = draw(ANYTHING)
    elif change == "more":
        value.append(deepcopy(value[at]))
    else:
        value[at] = _changed_once(draw, value[at])
    return value


SPOILT = (
    *["nothing"] * 3, *["description"] * 3, *["signature"] * 3, "text", "hub", "requirements",
    "bounds", "conda", "example", "missing", "names", "sizes", "source", "tags", "time",
)  # fmt: skip


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """Draw a version, of which up to two parts are spoilt."""
    spoilt = {draw(st.sampled_from(SPOILT)), draw(st.sampled_from(SPOILT))}
    files = {"MLmodel": draw(_mlmodels(spoilt)), "model.pkl": b"x", **draw(_other_files(spoilt))}
    if "missing" in spoilt:
        del files[draw(st.sampled_from(sorted(files)))]
    if "names" in spoilt:
        files[draw(st.sampled_from(ODD_PATHS))] = b"x"
    stated = st.dictionaries(st.sampled_from(sorted(files)), _SIZES, min_size=1, max_size=2)
    return Version(
        files=files,
        stated_sizes=draw(stated) if "sizes" in spoilt else {},
        source=draw(st.sampled_from(SOURCES)) if "source" in spoilt else SOURCES[0],
        tags=draw(_TAGS) if "tags" in spoilt else {},
        created_ms=draw(st.sampled_from(TIMES)) if "time" in spoilt else TIMES[3],
        loops=spoilt == {"names", "sizes"},
    )


@st.composite
def _mlmodels(draw: st.DrawFn, spoilt: set[str]) -> bytes:
    """Draw the content of MLmodel."""
    if "text" in spoilt:
        odd = st.sampled_from([BOMB, *ODD_TEXTS]).map(lambda text: text.encode("utf-8", "replace"))
        return draw(odd | st.binary(max_size=50))
    specs = st.sampled_from([COLUMNS, TENSORS, NUMBERED, TENSORS[:1]])
    parts = {"inputs": draw(specs), "outputs": draw(specs), "params": PARAMS}
    if "signature" in spoilt:
        part = draw(st.sampled_from(sorted(parts)))
        parts[part] = draw(changed(parts[part]))
    signature = {part: json.dumps(each) for part, each in parts.items()}
    document: Any = {**deepcopy(MLMODEL), "signature": signature}
    if "hub" in spoilt:
        document["flavors"]["transformers"] = draw(changed(HUB) | st.just(HUB))
    return _yaml(draw(changed(document)) if "description" in spoilt else document)


@st.composite
def _other_files(draw: st.DrawFn, spoilt: set[str]) -> dict[str, bytes]:
    """Draw the files beside MLmodel."""
    line = st.sampled_from([*LINES[:4] * 4, *LINES]) | st.text(max_size=30)
    lines = st.lists(line, max_size=4).map("\n".join)
    example = draw(st.sampled_from(EXAMPLES))
    texts = {
        "requirements.txt": draw(lines)
        if "requirements" in spoilt
        else "numpy==2.1\n-c bounds.txt",
        "bounds.txt": draw(lines) if "bounds" in spoilt else "numpy<3",
        "serving_input_example.json": json.dumps(
            draw(changed(example)) if "example" in spoilt else example
        ),
    }
    files = {path: text.encode("utf-8", "replace") for path, text in texts.items()}
    if "conda" in spoilt:
        del files["requirements.txt"]
        files["conda.yaml"] = _yaml(draw(changed(CONDA)))
    return files


ODD_PATHS = ("../x", "/etc/x", "a/b", "model.pkl/b", "x" * 1_500, "ü #%", "", ".", "a\nb")
_TAGS = st.dictionaries(st.sampled_from(TAGS), st.text(max_size=10), min_size=1, max_size=2)
_SIZES = st.sampled_from([0, -1, 10, 10**12, "10", "x", 1.5, None, 10**30])


def _yaml(value: Any) -> bytes:
    """Return YAML; JSON, which it is as well, for what YAML's writer refuses or is slow at."""
    try:
        text = yaml.dump(value, Dumper=yaml.CSafeDumper, allow_unicode=True)
    except yaml.YAMLError:
        text = json.dumps(value)
    return text.encode("utf-8", "replace")
