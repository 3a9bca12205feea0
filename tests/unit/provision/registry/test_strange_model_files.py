"""Model files that MLflow has not written, or that stand for more than any memory holds."""

import json
import tracemalloc
from typing import Any

import pytest
import yaml

from functions.provision.registry.artifacts import VersionFiles
from functions.provision.registry.base import FilesRefusedError
from functions.provision.registry.model_files import ModelFiles, read_model_files
from functions.provision.registry.signature_specs import MAX_COLUMNS, MAX_ELEMENTS
from tests.fakes.artifact_store import FakeArtifactStore

DOUBLE = {"type": "double", "name": "a"}
PLAIN = {"flavors": {"python_function": {"loader_module": "mlflow.sklearn"}}}


def read(**files: str | bytes) -> ModelFiles:
    """Read a model with these *files*, in whose names `__` stands for a dot."""
    found = {name.replace("__", "."): content for name, content in files.items()}
    return read_model_files(VersionFiles(FakeArtifactStore(found)), place="s3://models/1")


def described(**changes: Any) -> str:
    return yaml.safe_dump({**PLAIN, **changes})


def signed(**parts: Any) -> str:
    """Return an MLmodel whose signature has these *parts*, as they are or as JSON."""
    texts = {
        part: each if isinstance(each, str) else json.dumps(each) for part, each in parts.items()
    }
    return described(signature=texts)


def tensor(*shape: Any, dtype: Any = "float32", **more: Any) -> dict[str, Any]:
    return {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": list(shape)}, **more}


def nested(levels: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "double"}
    for _ in range(levels):
        spec = {"type": "array", "items": spec}
    return {**spec, "name": "a"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "- a\n- b",
        "12",
        "null",
        "{",
        "\t: x",
        "a: b: c",
        "--- a\n--- b",
        "&a [*a]",
        "x: *nowhere",
        "[" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000,
        "? " * 50_000,
        "{}",
        "flavors:",
        "flavors: []",
        "flavors: hello",
        "flavors: {python_function: hello}",
        "flavors: {python_function: []}",
        "flavors: {python_function: {loader_module: [a]}}",
        "flavors: {python_function: {python_version: {a: b}}}",
        "flavors: {sklearn: {serialization_format: [pickle]}}",
        "flavors: {transformers: {source_model_name: {}, source_model_revision: []}}",
        described(signature="hello"),
        described(signature=[]),
        described(signature={"inputs": {"a": "double"}}),
        described(mlflow_version="1.x.y.z"),
        described(mlflow_version=["3.1"]),
        described(saved_input_example_info="input.json"),
        described(saved_input_example_info={"artifact_path": ["a"]}),
        described(is_signature_from_type_hint="perhaps"),
        described(utc_time_created={"a": "b"}),
        described(flavors={f"flavor{number}": {} for number in range(51)}),
        f"flavors: {{{'x' * 600}: {{}}}}",
        "flavors: {a: {}}\nmetadata: !!python/object/apply:os.system [ls]\nsignature: !!int [1]",
        signed(inputs="hello"),
        signed(inputs="[" * 100_000),
        signed(inputs='{"type": "double"}'),
        signed(inputs=[]),
        signed(inputs=["double"]),
        signed(inputs=[[]]),
        signed(inputs=[{}]),
        signed(inputs=[{"type": 3}]),
        signed(inputs=[{"type": "double", "required": "yes"}]),
        signed(inputs=[{"type": "double", "name": {}}]),
        signed(inputs=[{"type": "x" * 101}]),
        signed(inputs=[{"type": "array", "items": "double"}]),
        signed(inputs=[{"type": "object", "properties": ["a"]}]),
        signed(inputs=[nested(70)]),
        signed(inputs='[{"type": "double", "name": "\\ud800"}]'),
        signed(inputs=f'[{{"type": "tensor", "tensor-spec": {{"shape": [{"9" * 5000}]}}}}]'),
        signed(inputs=[{**DOUBLE, "name": "x" * 1_001}]),
        signed(inputs=[{"type": "tensor"}]),
        signed(inputs=[{"type": "tensor", "tensor-spec": []}]),
        signed(inputs=[tensor("a")]),
        signed(inputs=[tensor(-2)]),
        signed(inputs=[tensor(1.5)]),
        signed(inputs=[tensor(2, dtype=["float32"])]),
        signed(inputs=[tensor(*[1] * 300)]),
        signed(inputs=[tensor(-1, 2_000_000_000)]),
        signed(inputs=[tensor(-1), DOUBLE]),
        signed(inputs=[DOUBLE, tensor(-1)]),
        signed(inputs=[tensor(-1), tensor(-1)]),
        signed(inputs=[DOUBLE, {"type": "double"}]),
        signed(inputs=[DOUBLE, DOUBLE]),
        signed(inputs=[DOUBLE], outputs={"a": "double"}),
        signed(inputs=[DOUBLE], outputs="null"),
        signed(inputs=[DOUBLE], params={"a": 1}),
        signed(inputs=[DOUBLE], params=[{"type": "long", "default": 1}]),
        signed(inputs=[DOUBLE], params=[{"name": 3, "type": "long"}]),
    ],
)
def test_an_mlmodel_of_another_form_is_refused_with_a_short_reason(text: str) -> None:
    with pytest.raises(FilesRefusedError, match="MLmodel") as refused:
        read(MLmodel=text)

    assert not refused.value.may_pass
    assert len(str(refused.value)) < 800
    str(refused.value).encode()


@pytest.mark.parametrize(
    "names",
    [["a", "b", "c"], [0, 1, 2], [1, 2, 5], [0.5, 1.5], ["a", 1, 2.5], [None, None]],
)
def test_columns_have_the_names_that_mlflow_takes(names: list[Any]) -> None:
    """`pd.DataFrame(ndarray)` has numbers."""
    inputs = [{"type": "double", "name": each} for each in names]

    assert inputs == read(MLmodel=signed(inputs=inputs)).description.inputs


@pytest.mark.parametrize("names", [["a", ""], ["", "a"], ["a", 0], [2, 1, 0], ["a", "a"]])
def test_names_that_mlflow_itself_cannot_load_are_refused(names: list[Any]) -> None:
    """It takes 0 for the column's place."""
    with pytest.raises(FilesRefusedError, match="inputs"):
        read(MLmodel=signed(inputs=[{"type": "double", "name": each} for each in names]))


@pytest.mark.parametrize(
    "names", [[["a", "b"], ["a", "c"]], ["a", ["b", 1]], [True, False], [{"a": 1}]]
)
def test_names_by_which_mlflow_finds_no_column_are_refused_in_plain_words(names: list[Any]) -> None:
    """It writes the tuples of a `MultiIndex` as lists, and loads them."""
    with pytest.raises(FilesRefusedError, match=r"neither text nor numbers.* Rename the columns"):
        read(MLmodel=signed(inputs=[{"type": "double", "name": each} for each in names]))


@pytest.mark.parametrize(
    "inputs",
    [
        [{"type": "double", "name": f"c{number}"} for number in range(MAX_COLUMNS)],
        [tensor(-1, MAX_ELEMENTS)],
        [tensor(*[1] * 64)],
        [tensor()],
        [tensor(0)],
        [nested(20)],
        [{"type": "a later one", "name": "a", "more": {}}],
    ],
)
def test_what_is_within_the_limits_is_taken_as_it_is(inputs: Any) -> None:
    assert inputs == read(MLmodel=signed(inputs=inputs)).description.inputs


@pytest.mark.parametrize("columns", [180_000, 400_000])
def test_equal_columns_without_number_are_refused(columns: int) -> None:
    """Packed they would be 3 kB, and 100 MB for everybody who reads them."""
    text = json.dumps([{"type": "double"}] * columns)

    with pytest.raises(FilesRefusedError):
        read(MLmodel=f"flavors: {{}}\nsignature: {{inputs: '{text}'}}")


@pytest.mark.parametrize("inner", ["[x, x, x]", "{a: x, b: x}", "y" * 1_000])
def test_aliases_that_stand_for_gigabytes_are_refused_before_they_are_made(inner: str) -> None:
    """600 bytes of aliases of aliases."""
    lines = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
    tracemalloc.start()

    with pytest.raises(FilesRefusedError, match="stands for too much"):
        read(MLmodel="\n".join(["flavors: {}", f"a0: &a0 {inner}", *lines]))

    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def test_an_alias_within_limits_is_what_it_stands_for() -> None:
    """MLflow writes one where two entries of the metadata are the same object."""
    shared = {"owner": "us"}

    found = read(MLmodel=described(metadata={"a": shared, "b": shared, "c": [shared] * 10}))

    assert {"python_function": {"loader_module": "mlflow.sklearn"}} == found.description.flavors


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"flavors: {}\n\xe9", b"\x00\x01"])
def test_a_file_that_is_not_text_is_refused(content: bytes) -> None:
    with pytest.raises(FilesRefusedError, match="MLmodel"):
        read(MLmodel=content)
    with pytest.raises(FilesRefusedError, match=r"requirements\.txt is not text"):
        read(MLmodel=described(), requirements__txt=b"\xff\xfe\x00")


def test_a_byte_order_mark_is_no_content() -> None:
    found = read(MLmodel="\ufeff" + described(), requirements__txt="\ufeffnumpy==2.1")

    assert found.packages
    assert "numpy==2.1" == found.packages.requirements


@pytest.mark.parametrize(
    ("conda", "says"),
    [
        ("dependencies: {pip: [a]}", "dependencies"),
        ("dependencies: [{pip: numpy}]", "dependencies"),
        ("dependencies: [{pip: [[numpy]]}]", "dependencies"),
        ("hello", "dictionary"),
        ("[" * 1_000, "levels"),
        ("{", "not YAML"),
    ],
)
def test_a_conda_yaml_of_another_form_is_refused(conda: str, says: str) -> None:
    with pytest.raises(FilesRefusedError, match=says) as refused:
        read(MLmodel=described(), conda__yaml=conda)

    assert "conda.yaml" in str(refused.value)


@pytest.mark.parametrize("name", ["MLmodel", "requirements__txt"])
def test_a_file_that_is_too_large_is_refused_before_it_is_read(name: str) -> None:
    """Whatever size its store says that it has."""
    files: dict[str, str | bytes] = {
        "MLmodel": described(),
        name.replace("__", "."): b"#" * 50_000_000,
    }
    store = FakeArtifactStore(files, **{name: 10})

    with pytest.raises(FilesRefusedError, match="MiB"):
        read_model_files(VersionFiles(store), place="here")

    assert store.sent_bytes < 6_000_000


@pytest.mark.parametrize(
    "example",
    [
        "",
        "hello",
        "[" * 100_000,
        '{"inputs": "\\ud800"}',
        '{"inputs": ' + "9" * 5_000 + "}",
        b"\xff",
    ],
)
def test_an_example_that_nobody_could_send_is_none(example: str | bytes) -> None:
    """Then the endpoint's health alone is verified."""
    info = {"serving_input_path": "example.json", "artifact_path": "input_example.json"}

    found = read(MLmodel=described(saved_input_example_info=info), example__json=example)

    assert found.input_example is None


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.json", "missing.json", "x" * 400])
def test_an_example_outside_the_version_is_not_read(path: str) -> None:
    info = {"serving_input_path": path}

    assert read(MLmodel=described(saved_input_example_info=info)).input_example is None


@pytest.mark.parametrize(
    ("files", "says"), [({}, "no files at s3://models/1"), ({"model.pkl": "x"}, "no file MLmodel")]
)
def test_a_version_of_another_folder_says_so(files: dict[str, str], says: str) -> None:
    """A wrong path at the registration is no fault that passes."""
    with pytest.raises(FilesRefusedError, match=says) as refused:
        read(**files)

    assert not refused.value.may_pass
