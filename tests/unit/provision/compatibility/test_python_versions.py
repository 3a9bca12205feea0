"""The Python version that a model needs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.provision.compatibility.pythons import python_for
from tests.fakes.model_registry import a_version
from tests.unit.provision.compatibility.versions import (
    FROM_CODE,
    PLATFORM,
    PYTHON_MODEL,
    flavors,
    texts,
)
from tests.unit.provision.flavors import FLAVORS, Flavor, quietly


@pytest.mark.parametrize(
    "bound",
    [
        {"python_function": PYTHON_MODEL},
        flavors(sklearn={"serialization_format": "cloudpickle", "pickled_model": "model.pkl"}),
        flavors(sklearn={"serialization_format": "pickle", "pickled_model": "model.pkl"}),
        flavors(lightgbm={"serialization_format": "cloudpickle", "data": "model.pkl"}),
    ],
)
@pytest.mark.parametrize(
    ("python", "fits"),
    [("3.11.7", True), ("3.12.1", True), (None, True), ("3.13.2", False), ("3.10.9", False)],
)
def test_a_pickle_needs_its_own_python(bound: Any, python: str | None, fits: bool) -> None:
    """One of the containers must have it; an unknown version is no incompatibility."""
    found = texts(flavors=bound, python_version=python)

    assert fits is (found == [])
    assert fits or f"pickled by Python {python[:4] if python else ''}" in found[0]


@pytest.mark.parametrize(
    "unbound",
    [
        {"python_function": FROM_CODE},
        {"python_function": FROM_CODE | {"python_model": "python_model.pkl"}},
        flavors(sklearn={"serialization_format": "skops", "pickled_model": "model.skops"}),
        flavors(lightgbm={"serialization_format": "cloudpickle", "data": "model.lgb"}),
        flavors(xgboost={"data": "model.ubj"}),
        flavors(sklearn={"pickled_model": "model.pkl"}),
        flavors(onnx={}),
    ],
)
def test_other_formats_run_on_any_python(unbound: Any) -> None:
    """They contain no pickled object, or do not say so."""
    assert [] == texts(flavors=unbound, python_version="3.13.2")


@pytest.mark.parametrize("flavor", FLAVORS, ids=lambda flavor: flavor.name)
def test_pickles_of_mlflow_are_recognized(flavor: Flavor, tmp_path: Path) -> None:
    """In models saved by this mlflow, exactly those with pickled objects."""
    quietly(flavor.save, tmp_path / "model")
    description = yaml.safe_load((tmp_path / "model" / "MLmodel").read_text(encoding="utf-8"))
    saved = description["flavors"]
    python = saved["python_function"]["python_version"]

    found = texts(flavors=saved, python_version=python)

    assert any((tmp_path / "model").rglob("*.pkl")) is bool(found)
    assert [] == texts(
        flavors=saved,
        python_version=python,
        platform=replace(PLATFORM, container_pythons=(python.rpartition(".")[0],)),
    )


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ("3.12.1", "3.12"),
        ("3.10.2", "3.11"),
        ("3.15.0", "3.14"),
        ("2.7.18", "3.11"),
        ("?", "3.11"),
        (None, "3.11"),
    ],
)
def test_the_nearest_python_of_the_runtime_is_chosen(python: str | None, expected: str) -> None:
    """3.11 for a model that does not say which one saved it."""
    version = a_version(python_version=python)

    assert expected == python_for(version, ("3.11", "3.12", "3.13", "3.14"))
