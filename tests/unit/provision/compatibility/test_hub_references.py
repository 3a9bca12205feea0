"""Models that are served from their own Hub repository."""

from typing import Any

import pytest

from functions.provision.registry.base import HubSource
from tests.fakes.model_registry import a_version
from tests.unit.provision.compatibility.versions import (
    HUB,
    flavors,
    texts,
)


@pytest.mark.parametrize(
    "python_function",
    [
        {"loader_module": "mlflow.spark"},
        {"loader_module": "mlflow.transformers"},
        None,
    ],
)
def test_a_hub_reference_needs_a_task_only(python_function: Any) -> None:
    """Requirements, Python version and disk do not matter to it."""
    settings = {"python_function": python_function} if python_function else {}

    assert [] == texts(
        flavors={"transformers": HUB, **settings},
        python_version="3.9.1",
        packages=None,
        model_size_bytes=9 * 10**9,
    )
    (found,) = texts(flavors={"transformers": HUB | {"task": None}})
    assert str(HUB["source_model_name"]) in found
    assert "for which task" in found


@pytest.mark.parametrize(
    ("changes", "revision", "task"),
    [
        ({}, HUB["source_model_revision"], "text-classification"),
        ({"source_model_revision": None}, None, "text-classification"),
        ({"task": ""}, HUB["source_model_revision"], None),
    ],
)
def test_a_hub_reference_names_repository_and_commit(
    changes: Any, revision: str | None, task: str | None
) -> None:
    """The commit is the one that it was logged with."""
    expected = HubSource(name=str(HUB["source_model_name"]), revision=revision, task=task)

    assert expected == a_version(flavors={"transformers": HUB | changes}).hub_source


@pytest.mark.parametrize(
    "settings",
    [
        {},
        HUB | {"source_model_name": None},
        HUB | {"model_binary": "model"},
        HUB | {"peft_adaptor": "peft"},
        HUB | {"local_base_model_path": "/home/me"},
        {key: value for key, value in HUB.items() if key != "source_model_revision"},
    ],
)
def test_a_model_with_files_is_no_hub_reference(settings: Any) -> None:
    """mlflow notes a model's origin in any case; an old one does not list its files."""
    assert a_version(flavors=flavors(transformers=settings)).hub_source is None
