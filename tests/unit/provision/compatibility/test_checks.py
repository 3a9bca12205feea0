"""Incompatibilities: the reasons why a version cannot be served."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.packages.model_packages import ModelPackages
from functions.provision.compatibility.checks import (
    CHECKS,
    LOADERS_REFUSED,
    find_incompatibilities,
)
from functions.provision.compatibility.platform import Incompatibility
from functions.provision.registry.artifacts import MAX_MODEL_BYTES
from tests.fakes.model_registry import a_version
from tests.fakes.price_list import an_offer
from tests.unit.provision.compatibility.versions import (
    HUB,
    PLATFORM,
    PYTHON_MODEL,
    flavors,
    texts,
)


def test_a_compatible_version_has_no_incompatibilities() -> None:
    """For every Python of Hugging Face's containers."""
    assert [] == find_incompatibilities(a_version(), PLATFORM)


def test_all_incompatibilities_are_reported_together() -> None:
    """In the order of the checks; a temporary one does not make the others temporary."""
    reasons = find_incompatibilities(
        a_version(
            flavors={"python_function": PYTHON_MODEL | {"loader_module": "mlflow.spark"}},
            python_version="3.10.2",
            model_size_bytes=5 * 10**9,
            inputs=None,
        ),
        replace(PLATFORM, offers=(an_offer(available=False),), package_faults=("cupy", "-e .")),
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
        a_version(packages=None),
        a_version(model_size_bytes=5 * 10**9, inputs=None),
    ]

    for reason in [reason for each in bad for reason in find_incompatibilities(each, PLATFORM)]:
        assert reason.text.endswith(".")
        assert any(word in reason.text for word in ("Log ", "log ", "Set "))


@pytest.mark.parametrize("loader", LOADERS_REFUSED)
def test_a_model_that_needs_a_gpu_or_java_is_refused(loader: str) -> None:
    """By its loader."""
    (found,) = texts(flavors={"python_function": {"loader_module": loader}})

    assert f"loaded by {loader}, which {LOADERS_REFUSED[loader]}" in found


def test_a_model_needs_the_python_function_flavor() -> None:
    """The endpoint loads that flavor."""
    (found,) = texts(flavors={"sklearn": {}})

    assert "no python_function flavor" in found


def test_an_adapter_needs_its_base_model() -> None:
    """A base model on the training machine cannot be loaded by an endpoint."""
    settings = {"source_model_name": "x", "peft_adaptor": "p", "local_base_model_path": "/home/me"}
    (found,) = texts(flavors=flavors(transformers=settings))

    assert "stayed on the machine" in found
    assert "/home/me" not in found


def test_a_model_needs_requirements() -> None:
    """An empty list is enough."""
    (found,) = texts(packages=None)

    assert "no requirements.txt" in found
    assert [] == texts(packages=ModelPackages(requirements=""))


@pytest.mark.parametrize(
    ("size_bytes", "memory_gb", "words"),
    [
        (None, 4.0, []),
        (15 * 10**8, 2.0, []),
        (15 * 10**8 + 1, 2.0, ["2 GB of memory"]),
        (1, 0.5, ["0.5 GB of memory"]),
        (MAX_MODEL_BYTES, 8.0, []),
        (MAX_MODEL_BYTES + 1, 8.0, ["3.67 GB can be packaged"]),
        (MAX_MODEL_BYTES + 1, 4.0, ["4 GB of memory", "3.67 GB can be packaged"]),
    ],
)
def test_the_files_must_fit(size_bytes: int | None, memory_gb: float, words: list[str]) -> None:
    """Into memory beside everything else, and onto the packaging task's disk."""
    platform = replace(PLATFORM, offers=(an_offer(memory_gb=memory_gb),))

    found = texts(platform=platform, model_size_bytes=size_bytes)

    assert len(words) == len(found)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_a_signature_is_needed_and_an_example_is_not() -> None:
    """See docs/decisions/0003."""
    assert [] == texts(input_example=None)
    (found,) = texts(inputs=None)
    assert "infer_signature" in found


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
