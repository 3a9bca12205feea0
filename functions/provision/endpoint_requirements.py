"""The model's requirements, made to install in the endpoint's container.

The container installs them at every start, so they are kept small, and it has packages of its
own that its server runs on, so those are left as they are.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

type Flavors = Mapping[str, Mapping[str, Any]]
"""By flavor's name, its settings, as in an MLmodel."""

CONTAINERS_OWN = {
    "huggingface-hub",
    "tokenizers",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
}
"""Asked for without a version: there already, or installed where missing, but never exchanged.

Source: https://github.com/huggingface/huggingface-inference-toolkit/issues/92 (a pin that moved
`huggingface_hub` broke the server).
"""
ALWAYS = ("mlflow-skinny", "numpy", "pandas")
"""What `mlflow.pyfunc` imports; mlflow-skinny brings neither numpy nor pandas."""

_INCLUSION = re.compile(r"-r|-e|--requirement|--editable")
_COMMENT = re.compile(r"(^|\s+)#.*$")


class UnusableRequirementError(Exception):
    """A line that cannot be installed on an endpoint; the message names it."""


def endpoint_requirements(text: str, flavors: Flavors) -> str:
    """The requirements.txt of the endpoint for a model whose own is *text*.

    The model's pins, extras and environment markers stay; `mlflow` becomes `mlflow-skinny` of the
    same version, a twentieth of its size. Options go: index addresses that the training machine
    reached, hashes of files that are not the same here, and constraints (`-c`), which narrow
    versions of packages that may not be asked for at all and would exchange the container's own.

    What the whole `mlflow` would have brought and the model's *flavors* need is added.

    Raises: UnusableRequirementError.
    """
    kept = [_converted(line) for line in _lines(text)]
    named = {canonicalize_name(requirement.name) for requirement in kept}
    missing = [name for name in (*ALWAYS, *_serializers(flavors)) if name not in named]
    return "\n".join([*dict.fromkeys(str(requirement) for requirement in kept), *missing]) + "\n"


def _serializers(flavors: Flavors) -> list[str]:
    """skops, MLflow's default way to write scikit-learn models since 3.x, when it was used."""
    formats = {settings.get("serialization_format") for settings in flavors.values()}
    return ["skops"] if "skops" in formats else []


def _lines(text: str) -> Iterator[str]:
    """Requirements as written, one by one, without comments and options."""
    for physical in text.replace("\\\n", " ").splitlines():
        line = _COMMENT.sub("", physical).strip()
        if _INCLUSION.match(line):
            raise UnusableRequirementError(_unusable(line))
        if line and not line.startswith("-"):
            yield re.split(r"\s+--", line)[0]


def _converted(line: str) -> Requirement:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        raise UnusableRequirementError(_unusable(line)) from None
    name = canonicalize_name(requirement.name)
    if name == "mlflow" and not requirement.url:
        requirement.name = "mlflow-skinny"
    elif name in CONTAINERS_OWN:
        requirement.specifier = SpecifierSet()
        requirement.url = None
    return requirement


def _unusable(line: str) -> str:
    return (
        f"The model's requirements.txt has the line `{line[:200]}`, which cannot be installed on "
        "an endpoint. Log the model with pip_requirements that name packages and versions."
    )
