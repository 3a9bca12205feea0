"""The Python version that a model needs."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

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


def test_requirements_must_suit_one_python_together() -> None:
    """One container that can install them is enough; otherwise the nearest one is reported."""
    assert [] == texts(requirements="numpy==2.5.5")
    assert [] == texts(requirements="numpy==1.24.4\nscikit-learn==1.2.2")

    (found,) = texts(requirements="numpy==1.24.4\nscikit-learn==1.2.2\nxgboost==3.4.1")

    assert "`xgboost==3.4.1` cannot be installed for an endpoint's Python 3.11" in found


def test_a_pickles_requirements_must_suit_its_own_python() -> None:
    """No other Python can load it."""
    pickled = {"python_function": PYTHON_MODEL}

    (found,) = texts(flavors=pickled, python_version="3.11.7", requirements="numpy==2.5.5")

    assert "Python 3.11" in found
    assert [] == texts(flavors=pickled, python_version="3.12.1", requirements="numpy==2.5.5")
