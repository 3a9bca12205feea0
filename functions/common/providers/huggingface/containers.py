"""Containers of the runtimes, as the part of an endpoint's document that says what to run.

- `container`: an image of `images`, started by a script from the model's repository.
- `toolkit`: Hugging Face's default container, which finds `handler.py` in the repository.
- `hub`: the same container with its own pipeline for a model's Hub source.
"""

from typing import Any

from functions.common.deployments import record
from functions.common.providers.base import EndpointSpec, ProviderRefusedError
from functions.common.providers.huggingface import runtimes
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.huggingface.sizes import vcpus

PORT = 8000
COMMAND = ("sh", "/repository/hokus/start.sh")
"""Replaces the image's entry point. Hugging Face mounts the repository at `/repository`."""
HEALTH_ROUTE = "/health"

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""A container sees all cores of its host: numeric libraries would start a thread for each."""
_QUIET = {"HF_SERVE_LOGGING_LEVEL": "WARNING"}
"""The toolkit's successor, hf-serve, logs every payload at INFO."""
_OWN_CODE = {"HF_TRUST_REMOTE_CODE": "1"}
"""hf-serve runs a repository's own code only with this switch."""


def container_of(spec: EndpointSpec) -> dict[str, Any]:
    """Return framework, task, image, command and environment for *spec*.

    Raises: ProviderRefusedError (no such runtime, or no image of its Python).
    """
    cpus = str(vcpus(spec.hardware.instance_size))
    env = {**spec.env, **dict.fromkeys(_THREADS, cpus), **_QUIET}
    custom = {"framework": "custom", "task": "custom"}
    default_image: dict[str, Any] = {"image": {"huggingface": {}}}
    match spec.runtime:
        case runtimes.CONTAINER if url := IMAGES.get(spec.python or ""):
            image = {"custom": {"url": url, "port": PORT, "healthRoute": HEALTH_ROUTE}}
            env |= {"HOKUS_PORT": str(PORT), "HOKUS_CPUS": cpus}
            return {**custom, "image": image, "command": list(COMMAND), "env": env}
        case runtimes.TOOLKIT:
            return {**custom, **default_image, "env": {**env, **_OWN_CODE}}
        case record.HUB_RUNTIME:
            task = _task(spec.task or "")
            return {"framework": "pytorch", "task": task, **default_image, "env": env}
    raise ProviderRefusedError(
        f"Hugging Face has no runtime {spec.runtime} with Python {spec.python}."
    )


def _task(task: str) -> str:
    """Hugging Face's name: transformers writes languages into its own, `translation_en_to_fr`."""
    return "translation" if task.startswith("translation_") else task
