"""Requirements for the runtime `toolkit`, whose container has packages that its server runs on."""

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from functions.common.packages.mlflow_needs import mlflow_needs
from functions.common.packages.model_packages import ModelPackages
from functions.common.packages.requirement_lines import read_lines

BUILT_FOR_THE_TOOLKIT = ("torch", "torchaudio", "torchvision")
"""The container has builds of these for its own machine."""
CONTAINERS_OWN = {
    "anyio",
    "huggingface-hub",
    "orjson",
    "starlette",
    "tokenizers",
    "transformers",
    "uvicorn",
    *BUILT_FOR_THE_TOOLKIT,
}
"""Asked for without a version: there already, or installed where missing, but never exchanged.

Source: https://github.com/huggingface/huggingface-inference-toolkit/issues/92 (a pin that moved
`huggingface_hub` broke the server).
"""
SERVER_BOUND = Requirement("starlette<1")
"""The container's server runs on starlette 0.47. MLflow asks for fastapi, which would bring a
starlette that this server does not start with: `Starlette.__init__() got an unexpected keyword
argument 'on_startup'`. With this line, pip takes a fastapi of before."""


def toolkit_requirements(packages: ModelPackages) -> str:
    """Return the requirements.txt of the container for a model's *packages*.

    The model's pins, extras and environment markers stay. Options go, and constraints, which would
    exchange the container's own packages.
    """
    lines = read_lines(packages.requirements)
    kept = [_converted(each) for each in lines.resolvable if not _is_server(each)]
    needs = mlflow_needs(lines.resolvable, packages.mlflow_version)
    named = dict.fromkeys(str(each) for each in kept)
    return "\n".join([*named, *needs, *lines.sources, str(SERVER_BOUND)]) + "\n"


def _is_server(requirement: Requirement) -> bool:
    return canonicalize_name(requirement.name) == SERVER_BOUND.name


def _converted(requirement: Requirement) -> Requirement:
    if canonicalize_name(requirement.name) not in CONTAINERS_OWN:
        return requirement
    converted = Requirement(str(requirement))
    converted.specifier = SpecifierSet()
    converted.url = None
    return converted
