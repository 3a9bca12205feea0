"""What Hugging Face is asked to run, by the runtime."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from functions.common.deployments.record import HUB_RUNTIME
from functions.common.providers.base import EndpointSpec, ProviderRefusedError
from functions.common.providers.huggingface.images import IMAGES
from tests.contract.endpoint_control.systems import (
    REPOSITORY,
    SPEC,
    TAG,
    HuggingFaceApp,
    control_of,
)

THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")


def sent_model(spec: EndpointSpec) -> dict[str, Any]:
    """Return the payload's description of what is to run."""
    app = HuggingFaceApp()
    control_of(app).create(spec)
    model: dict[str, Any] = json.loads(app.requests[0].content)["model"]
    return model


def test_the_payload_is_as_hugging_face_documents() -> None:
    """A custom CPU endpoint that requires a token; no field is null."""
    app = HuggingFaceApp()

    control_of(app).create(SPEC)
    assert {
        "name": SPEC.name,
        "type": "authenticated",
        "provider": {"vendor": "aws", "region": "us-east-1"},
        "compute": {
            "accelerator": "cpu",
            "instanceType": "intel-spr",
            "instanceSize": "x2",
            "scaling": {"minReplica": 1, "maxReplica": 2},
        },
        "model": {
            "repository": REPOSITORY,
            "revision": "a" * 40,
            "framework": "custom",
            "task": "custom",
            "image": {"custom": {"url": IMAGES["3.12"], "port": 8000, "healthRoute": "/health"}},
            "command": ["sh", "/repository/hokus/start.sh"],
            "env": {
                "HOKUS_DEPLOYMENT_ID": "1",
                "HOKUS_PORT": "8000",
                "HOKUS_CPUS": "2",
                **THREADS,
                "HF_SERVE_LOGGING_LEVEL": "WARNING",
            },
            "secrets": {"HOKUS_ENDPOINT_SECRET": "s"},
        },
        "tags": ["hokus", TAG, "hokus-deployment-1"],
    } == json.loads(app.requests[0].content)


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ("text-classification", "text-classification"),
        ("translation_en_to_fr", "translation"),
    ],
)
def test_a_hub_source_is_served_by_the_containers_own_code(task: str, expected: str) -> None:
    """The payload names the task and has no variable that is for our code."""
    spec = replace(SPEC, runtime=HUB_RUNTIME, python=None, task=task, env={}, secrets={})

    model = sent_model(spec)

    assert ("pytorch", expected) == (model["framework"], model["task"])
    assert {"huggingface": {}} == model["image"]
    assert ({**THREADS, "HF_SERVE_LOGGING_LEVEL": "WARNING"}, {}) == (
        model["env"],
        model["secrets"],
    )


def test_the_toolkit_is_hugging_faces_own_container() -> None:
    """Which may run the repository's own code."""
    model = sent_model(replace(SPEC, runtime="toolkit", python="3.11"))

    assert ("custom", "custom") == (model["framework"], model["task"])
    assert {"huggingface": {}} == model["image"]
    assert "command" not in model
    assert {
        "HOKUS_DEPLOYMENT_ID": "1",
        "HF_TRUST_REMOTE_CODE": "1",
        **THREADS,
        "HF_SERVE_LOGGING_LEVEL": "WARNING",
    } == model["env"]


@pytest.mark.parametrize(("size", "cpus"), [("x1", "1"), ("x8", "8"), ("huge", "1")])
def test_libraries_start_as_many_threads_as_the_size_has_virtual_cpus(size: str, cpus: str) -> None:
    """One where the size is not documented: a container sees all cores of its host."""
    env = sent_model(replace(SPEC, hardware=replace(SPEC.hardware, instance_size=size)))["env"]

    assert {cpus} == {env["HOKUS_CPUS"], *(env[name] for name in THREADS)}


@pytest.mark.parametrize(("runtime", "python"), [("container", "2.7"), ("another", "3.12")])
def test_an_unknown_runtime_is_refused(runtime: str, python: str) -> None:
    """Nothing is sent."""
    app = HuggingFaceApp()

    with pytest.raises(ProviderRefusedError, match=python):
        control_of(app).create(replace(SPEC, runtime=runtime, python=python))

    assert [] == app.requests


def test_every_image_is_named_by_its_digest() -> None:
    """A tag may name other bytes tomorrow."""
    assert ["3.10", "3.11", "3.12", "3.13", "3.14"] == list(IMAGES)
    for python, url in IMAGES.items():
        assert re.fullmatch(
            rf"ghcr\.io/[a-z/-]+:python{python}-bookworm@sha256:[0-9a-f]{{64}}", url
        )


def model_differences(spec: EndpointSpec = SPEC, **model: Any) -> list[str]:
    """Return the differences of an endpoint for *spec* that comes up with *model*."""
    app = HuggingFaceApp()
    control = control_of(app)
    control.create(spec)
    app.endpoints[spec.name]["model"] |= model
    endpoint = control.describe(spec.name)
    assert endpoint
    return control.differences(endpoint, spec)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            {"command": None},
            "model.command: asked for `sh /repository/hokus/start.sh`, got nothing",
        ),
        ({"command": []}, "model.command: asked for `sh /repository/hokus/start.sh`, got nothing"),
        ({"args": ["-x"]}, "model.args: asked for nothing, got `-x`"),
        ({"image": {"huggingface": {}}}, "model.image.custom: asked for `{"),
        (
            {"image": {"custom": {"url": IMAGES["3.12"], "healthRoute": "/health", "port": 80}}},
            "model.image.custom.port: asked for `8000`, got `80`",
        ),
        ({"env": None}, "model.env: asked for `{"),
    ],
)
def test_what_hugging_face_leaves_out_or_changes_is_named(
    model: dict[str, Any], expected: str
) -> None:
    """By the path in its document, with what it is and what was asked for."""
    (difference,) = model_differences(**model)

    assert difference.startswith(expected)


def test_what_hugging_face_adds_is_no_difference() -> None:
    """Defaults, variables of its own, and the names of secrets."""
    image = {"custom": {**sent_model(SPEC)["image"]["custom"], "credentials": None}}
    env = {**sent_model(SPEC)["env"], "HF_HOME": "/data"}
    secrets = {"HOKUS_ENDPOINT_SECRET": "***"}

    assert [] == model_differences(image=image, env=env, secrets=secrets, args=[])


@pytest.mark.parametrize("runtime", ["toolkit", HUB_RUNTIME])
def test_hugging_faces_own_container_may_have_a_command(runtime: str) -> None:
    """It is not ours."""
    spec = replace(SPEC, runtime=runtime, task="text-classification")

    assert [] == model_differences(spec, command=["serve"], args=["-x"])
    assert ["model.image.huggingface: asked for `{}`, got nothing"] == model_differences(
        spec, image={"hfServe": {"url": "x"}}
    )
