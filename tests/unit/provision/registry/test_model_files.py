"""Files of a model as older and newer versions of MLflow write them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.provision.registry.artifacts import VersionFiles
from functions.provision.registry.model_files import ModelFiles, packages_in, read_model_files
from tests.fakes.artifact_store import FakeArtifactStore

CREATED = "2023-06-05 12:01:02.345678"
CONDA = """
channels: [conda-forge]
dependencies:
- python=3.8.16
- pip<=23
- pip:
  - mlflow<3,>=1.30
  - scikit-learn==1.0.2
"""


def read(description: dict[str, Any], **files: str) -> ModelFiles:
    """Read a model with these *files*, in whose names `__` stands for a dot."""
    texts = {name.replace("__", "."): text for name, text in files.items()}
    texts["MLmodel"] = yaml.safe_dump({"flavors": {}, **description})
    return read_model_files(VersionFiles(FakeArtifactStore(texts)), place="here")


def example(info: dict[str, Any], content: Any) -> Any:
    """Return the body made of an input_example.json with this *content*."""
    description = {"saved_input_example_info": {"artifact_path": "input_example.json", **info}}
    return read(description, input_example__json=json.dumps(content)).input_example


TABLE = {"type": "dataframe", "pandas_orient": "split"}
TENSOR = {"type": "ndarray", "format": "tf-serving"}


@pytest.mark.parametrize(
    ("info", "content", "expected"),
    [
        (TABLE, {"columns": ["a"], "data": [[1]]}, {"columns": ["a"], "data": [[1]]}),
        # MLflow leaves out columns that are 0, 1, 2 …, and from 2.9 to 2.12 calls that `values`.
        (TABLE, {"data": [[1, 2]]}, {"data": [[1, 2]]}),
        (TABLE | {"pandas_orient": "values"}, {"data": [["text"]]}, {"data": [["text"]]}),
        (TABLE, {"columns": ["a"], "data": [[float("nan")]]}, {"columns": ["a"], "data": [[None]]}),
    ],
)
def test_a_table_from_before_mlflow_2_13(info: Any, content: Any, expected: Any) -> None:
    """As pandas splits it; NaN is null."""
    assert {"dataframe_split": expected} == example(info, content)


@pytest.mark.parametrize("inputs", [[[1.5, 2]], {"a": [1], "b": [[2]]}])
def test_a_tensor_from_before_mlflow_2_13(inputs: Any) -> None:
    """Or several, by name."""
    assert {"inputs": inputs} == example(TENSOR, {"inputs": inputs})


@pytest.mark.parametrize(
    ("info", "data", "expected"),
    [
        (TABLE, {"columns": ["a"], "data": [[1]]}, "dataframe_split"),
        (TENSOR, {"inputs": [[1]]}, "inputs"),
    ],
)
def test_params_stand_beside_the_data(info: Any, data: Any, expected: str) -> None:
    """Since MLflow 2.7, under a name that tensors have as well."""
    body = example(info | {"params": "true"}, {"inputs": data, "params": {"k": 3}})

    assert {expected, "params"} == body.keys()
    assert {"k": 3} == body["params"]
    assert (data if expected == "dataframe_split" else data["inputs"]) == body[expected]


@pytest.mark.parametrize(
    ("info", "content"),
    [
        ({"type": "sparse_matrix_csr"}, {"data": [1], "indices": [0], "indptr": [0, 1]}),
        ({"type": "json_object"}, {"messages": []}),
        (TENSOR, [1]),
        ({}, {}),
    ],
)
def test_other_examples_cannot_be_sent(info: Any, content: Any) -> None:
    """Then the endpoint's health alone is verified."""
    assert example(info, content) is None


def test_the_serving_example_comes_first() -> None:
    """MLflow writes it since 2.13, beside the other one."""
    info = {"artifact_path": "input_example.json", "serving_input_path": "serving.json", **TABLE}

    found = read({"saved_input_example_info": info}, serving__json='{"inputs": [1]}')

    assert {"inputs": [1]} == found.input_example


def test_what_to_install_is_in_requirements_txt() -> None:
    """With the version and the time that a resolution goes by."""
    found = read(
        {"mlflow_version": "2.4.0", "utc_time_created": CREATED},
        requirements__txt="mlflow==2.4.0\n-c bounds.txt\n-c ../secret.txt",
        bounds__txt="numpy<2",
        conda__yaml=CONDA,
    ).packages

    assert found
    assert found.requirements.startswith("mlflow==2.4.0")
    assert "numpy<2" == found.constraints
    assert "2.4.0" == found.mlflow_version
    assert datetime(2023, 6, 5, 12, 1, 2, tzinfo=UTC) == found.logged_at


def test_or_in_the_pip_section_of_conda_yaml() -> None:
    """MLflow before 1.21 wrote nothing else."""
    found = read({}, conda__yaml=CONDA).packages

    assert found
    assert "mlflow<3,>=1.30\nscikit-learn==1.0.2" == found.requirements
    assert (None, None) == (found.mlflow_version, found.logged_at)


@pytest.mark.parametrize("text", ["", "[]", "dependencies:", "dependencies: [python=3.8]"])
def test_a_conda_yaml_without_pip_section_is_not_enough(text: str) -> None:
    """As does a file of any other form."""
    assert read({}, conda__yaml=text).packages is None


def test_a_downloaded_model_is_read_in_the_same_way(tmp_path: Path) -> None:
    """From its folder."""
    (tmp_path / "MLmodel").write_text(yaml.safe_dump({"flavors": {}, "mlflow_version": "3.1.0"}))
    assert packages_in(tmp_path) is None

    (tmp_path / "requirements.txt").write_text("numpy==2.1")

    found = packages_in(tmp_path)
    assert found
    assert ("numpy==2.1", "3.1.0") == (found.requirements, found.mlflow_version)
