"""Incompatibilities: the reasons why a version cannot be served."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.common.providers.huggingface.requirements import requirement_faults
from functions.provision.compatibility.checks import (
    CHECKS,
    LOADERS_REFUSED,
    MAX_MODEL_BYTES,
    find_incompatibilities,
)
from functions.provision.compatibility.platform import Incompatibility, Platform
from functions.provision.registry.base import HubSource
from tests.builders import HARDWARE
from tests.fakes.model_registry import a_version
from tests.fakes.price_list import an_offer
from tests.unit.provision.flavors import FLAVORS, Flavor, quietly

PLATFORM = Platform(
    hardware=HARDWARE,
    offers=(an_offer(),),
    container_pythons=("3.11", "3.12"),
    requirement_faults=requirement_faults,
)
HUB = {
    "task": "text-classification",
    "instance_type": "TextClassificationPipeline",
    "pipeline_model_type": "DistilBertForSequenceClassification",
    "source_model_name": "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
    "source_model_revision": "714eb0fa89d2f80546fda750413ed43d93601a13",
    "components": ["tokenizer"],
}
"""What mlflow's transformers flavor notes with save_pretrained=False."""
PYTHON_MODEL = {"loader_module": "mlflow.pyfunc.model", "python_model": "python_model.pkl"}
FROM_CODE = {"loader_module": "mlflow.pyfunc.loaders.code_model", "model_code_path": "model.py"}


def texts(*, platform: Platform = PLATFORM, **changes: Any) -> list[str]:
    """Return the incompatibilities of a version that is otherwise compatible."""
    reasons = find_incompatibilities(a_version(**changes), platform)
    assert not any(reason.retryable for reason in reasons)
    return [reason.text for reason in reasons]


def flavors(**settings: Any) -> dict[str, Any]:
    return {"python_function": {"loader_module": "mlflow.sklearn"}, **settings}


def test_a_compatible_version_has_no_incompatibilities() -> None:
    """For every Python of Hugging Face's containers."""
    assert [] == find_incompatibilities(a_version(), PLATFORM)


def test_all_incompatibilities_are_reported_together() -> None:
    """In the order of the checks; a temporary one does not make the others temporary."""
    reasons = find_incompatibilities(
        a_version(
            flavors={"python_function": PYTHON_MODEL | {"loader_module": "mlflow.spark"}},
            python_version="3.10.2",
            requirements="cupy\n-e .",
            model_size_bytes=5 * 10**9,
            inputs=None,
        ),
        replace(PLATFORM, offers=(an_offer(available=False),)),
    )

    assert [False] * 7 + [True] == [reason.retryable for reason in reasons]
    words = ["mlflow.spark", "Python 3.10", "cupy", "-e .", "4 GB", "3.67 GB", "signature", "quota"]
    for word, reason in zip(words, reasons, strict=True):
        assert word in reason.text


def test_every_incompatibility_says_what_to_do() -> None:
    """In whole sentences."""
    bad = [
        a_version(flavors={}),
        a_version(flavors={"transformers": HUB | {"task": None}}),
        a_version(requirements=None),
        a_version(model_size_bytes=5 * 10**9, inputs=None),
    ]

    for reason in [reason for each in bad for reason in find_incompatibilities(each, PLATFORM)]:
        assert reason.text.endswith(".")
        assert any(word in reason.text for word in ("Log ", "log ", "Set "))


@pytest.mark.parametrize("loader", LOADERS_REFUSED)
def test_a_model_that_needs_a_gpu_or_java_is_refused(loader: str) -> None:
    """By its loader."""
    (told,) = texts(flavors={"python_function": {"loader_module": loader}})

    assert f"loaded by {loader}, which {LOADERS_REFUSED[loader]}" in told


def test_a_model_needs_the_python_function_flavor() -> None:
    """The endpoint loads that flavor."""
    (told,) = texts(flavors={"sklearn": {}})

    assert "no python_function flavor" in told


def test_an_adapter_needs_its_base_model() -> None:
    """A base model on the training machine cannot be loaded by an endpoint."""
    settings = {"source_model_name": "x", "peft_adaptor": "p", "local_base_model_path": "/home/me"}
    (told,) = texts(flavors=flavors(transformers=settings))

    assert "stayed on the machine" in told
    assert "/home/me" not in told


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
        requirements="cupy",
        model_size_bytes=9 * 10**9,
    )
    (told,) = texts(flavors={"transformers": HUB | {"task": None}})
    assert str(HUB["source_model_name"]) in told
    assert "for which task" in told


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
    told = texts(flavors=bound, python_version=python)

    assert fits is (told == [])
    assert fits or f"pickled by Python {python[:4] if python else ''}" in told[0]


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

    told = texts(flavors=saved, python_version=python)

    assert any((tmp_path / "model").rglob("*.pkl")) is bool(told)
    assert [] == texts(
        flavors=saved,
        python_version=python,
        platform=replace(PLATFORM, container_pythons=(python.rpartition(".")[0],)),
    )


def test_requirements_must_suit_one_python_together() -> None:
    """One container that can install them is enough; otherwise the nearest one is reported."""
    assert [] == texts(requirements="numpy==2.5.5")
    assert [] == texts(requirements="numpy==1.24.4\nscikit-learn==1.2.2")

    (told,) = texts(requirements="numpy==1.24.4\nscikit-learn==1.2.2\nxgboost==3.4.1")

    assert "`xgboost==3.4.1` cannot be installed for an endpoint's Python 3.11" in told


def test_a_pickles_requirements_must_suit_its_own_python() -> None:
    """No other Python can load it."""
    pickled = {"python_function": PYTHON_MODEL}

    (told,) = texts(flavors=pickled, python_version="3.11.7", requirements="numpy==2.5.5")

    assert "Python 3.11" in told
    assert [] == texts(flavors=pickled, python_version="3.12.1", requirements="numpy==2.5.5")


def test_a_model_needs_requirements() -> None:
    """An empty list is enough."""
    (told,) = texts(requirements=None)

    assert "no requirements.txt" in told
    assert [] == texts(requirements="")


@pytest.mark.parametrize(
    ("size_bytes", "memory_gb", "words"),
    [
        (None, 4.0, []),
        (3 * 10**9, 4.0, []),
        (3 * 10**9 + 1, 4.0, ["4 GB of memory"]),
        (1, 1.0, ["1 GB of memory"]),
        (MAX_MODEL_BYTES, 8.0, []),
        (MAX_MODEL_BYTES + 1, 8.0, ["3.67 GB can be packaged"]),
        (MAX_MODEL_BYTES + 1, 4.0, ["4 GB of memory", "3.67 GB can be packaged"]),
    ],
)
def test_the_files_must_fit(size_bytes: int | None, memory_gb: float, words: list[str]) -> None:
    """Into memory beside everything else, and onto the packaging task's disk."""
    platform = replace(PLATFORM, offers=(an_offer(memory_gb=memory_gb),))

    told = texts(platform=platform, model_size_bytes=size_bytes)

    assert len(words) == len(told)
    assert all(word in text for word, text in zip(words, told, strict=True))


def test_a_signature_is_needed_and_an_example_is_not() -> None:
    """See docs/decisions/0003."""
    assert [] == texts(input_example=None)
    (told,) = texts(inputs=None)
    assert "infer_signature" in told


@pytest.mark.parametrize(
    ("offers", "words"),
    [
        ((), "no CPU instance intel-spr x2 in aws us-east-1"),
        ((an_offer(region="eu-west-1"),), "no CPU instance intel-spr x2 in aws us-east-1"),
        ((an_offer(instance_size="x1"),), "no CPU instance intel-spr x2 in aws us-east-1"),
        ((an_offer(deprecated=True),), "deprecated the instance intel-spr x2"),
        ((an_offer(available=False),), "sold out or the namespace's quota is used up"),
    ],
)
def test_the_instance_must_be_available(offers: Any, words: str) -> None:
    """Otherwise the incompatibility is temporary: the same version may be deployed later."""
    others = (
        an_offer(instance_type="intel-emr"),
        an_offer(vendor="gcp", region="us-east4"),
        an_offer(instance_type="intel-icl", deprecated=True),
        an_offer(instance_size="x16", available=False),
    )
    platform = replace(PLATFORM, offers=(*offers, *others))

    (reason,) = find_incompatibilities(a_version(model_size_bytes=10**9), platform)

    assert reason.retryable
    assert words in reason.text
    assert "us-east-1 intel-emr x2" in reason.text
    for other in ("us-east4", "intel-icl", "x16"):
        assert other not in reason.text.partition(" has: ")[2]


def test_an_incompatibility_is_permanent_by_default() -> None:
    """Every check is described in the documentation."""
    assert not Incompatibility("No.").retryable
    assert all(check.__doc__ for check in CHECKS)
