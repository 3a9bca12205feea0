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
from packaging.version import InvalidVersion, Version

from functions.common.providers.packaging import UnusableRequirementError

type Flavors = Mapping[str, Mapping[str, Any]]
"""Settings by the flavor's name, as in an MLmodel."""

CONTAINERS_OWN = {
    "anyio",
    "huggingface-hub",
    "orjson",
    "starlette",
    "tokenizers",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
    "uvicorn",
}
"""Asked for without a version: there already, or installed where missing, but never exchanged.

Source: https://github.com/huggingface/huggingface-inference-toolkit/issues/92 (a pin that moved
`huggingface_hub` broke the server).
"""
SERVER_BOUND = Requirement("starlette<1")
"""The container's server runs on starlette 0.47. mlflow-skinny asks for fastapi, which would bring
a starlette that this server does not start with: `Starlette.__init__() got an unexpected keyword
argument 'on_startup'`. With this line, pip takes a fastapi of before."""
ALWAYS = ("mlflow-skinny", "numpy", "pandas")
"""`mlflow.pyfunc` imports them; mlflow-skinny brings neither numpy nor pandas."""

RELEASES = {
    "catboost": {"3.11": ">=1.2", "3.12": ">=1.2.3", "3.13": ">=1.2.8"},
    "networkx": {"3.11": "<3.7"},
    "numba": {"3.11": ">=0.57", "3.12": ">=0.59", "3.13": ">=0.61"},
    "numpy": {"3.11": ">=1.23.2,<2.5", "3.12": ">=1.26", "3.13": ">=2.1"},
    "onnxruntime": {"3.11": ">=1.15", "3.12": ">=1.17", "3.13": ">=1.20"},
    "pandas": {"3.11": ">=1.5", "3.12": ">=2.1.1", "3.13": ">=2.2.3"},
    "pmdarima": {"3.11": ">=2.0.2", "3.12": ">=2.0.4", "3.13": ">=2.1"},
    "pyarrow": {"3.11": ">=10.0.1", "3.12": ">=14", "3.13": ">=18"},
    "scikit-learn": {"3.11": ">=1.1.3", "3.12": ">=1.3.1", "3.13": ">=1.5.2"},
    "scipy": {"3.11": ">=1.9.2,<1.18", "3.12": ">=1.11.2", "3.13": ">=1.14.1"},
    "shap": {"3.11": ">=0.42,<0.52", "3.12": ">=0.45", "3.13": ">=0.48"},
    "statsmodels": {"3.11": ">=0.13.3", "3.12": ">=0.14", "3.13": ">=0.14.3"},
    "tensorflow": {"3.11": ">=2.12", "3.12": ">=2.16.1", "3.13": ">=2.20"},
    "xgboost": {"3.11": "<3.3"},
}
"""Releases with a wheel, by package and Python; all releases where none are named.

What has no wheel would be compiled at every start of the container, if it can be at all.
Source: the files and their Requires-Python on the Python Package Index, 2026-11-23.
"""
ELSEWHERE = {
    "pyobjc-core",
    "pywin32",
    "pywinpty",
    "tensorflow-intel",
    "tensorflow-macos",
    "tensorflow-metal",
}
"""Packages without a release for Linux."""
GPU_ONLY = re.compile(
    r"(cudf|cugraph|cuml|cupy|flash-attn|tensorrt|vllm)(-.*)?|.*-gpu(-.*)?|.*-cu\d+"
)
"""Names of packages that are of no use without a GPU, and whose wheels are gigabytes."""
_GPU_BUILD = re.compile(r"\+(cu|rocm)\d")
_FETCHED = {"http", "https", "git+http", "git+https"}
"""The container can fetch these: it has neither our keys nor the training machine's files."""
_INCLUSION = re.compile(r"-r|-e|--requirement|--editable")
_PASSWORD = re.compile(r"//[^/@\s]+@")
_SHOWN_CHARACTERS = 200
_COMMENT = re.compile(r"(^|\s+)#.*$")


def endpoint_requirements(text: str, flavors: Flavors) -> str:
    """The requirements.txt of the endpoint for a model whose own is *text*.

    The model's pins, extras and environment markers stay; `mlflow` becomes `mlflow-skinny` of the
    same version, a twentieth of its size. Options go: index addresses that the training machine
    reached, hashes of files that are not the same here, and constraints (`-c`), which narrow
    versions of packages that may not be asked for at all and would exchange the container's own.

    What the whole `mlflow` would have brought and the model's *flavors* need is added, and the
    bound that the container's server needs.

    Raises: UnusableRequirementError.
    """
    kept = [_converted(line) for line in _lines(text)]
    kept = [each for each in kept if canonicalize_name(each.name) != SERVER_BOUND.name]
    named = {canonicalize_name(requirement.name) for requirement in kept}
    missing = [name for name in (*ALWAYS, *_serializers(flavors)) if name not in named]
    lines = dict.fromkeys(str(requirement) for requirement in kept)
    return "\n".join([*lines, *missing, str(SERVER_BOUND)]) + "\n"


def requirement_faults(text: str, *, python: str) -> list[str]:
    """A sentence for each line of the requirements.txt *text* that cannot be installed.

    As far as that can be known without asking a package index; lines whose markers leave out an
    endpoint with *python* (`3.11`) are fine.
    """
    faults = (_fault(line, python) for line in _lines(text))
    return list(dict.fromkeys(fault for fault in faults if fault))


def _fault(line: str, python: str) -> str | None:
    requirement = _parsed(line)
    if requirement is None:
        return _unusable(line)
    if requirement.marker and not requirement.marker.evaluate(_environment(python)):
        return None
    name = canonicalize_name(requirement.name)
    if _wants_gpu(requirement, name):
        return (
            f"`{_shown(line)}` is for machines with a GPU, which endpoints do not have. "
            "Log the model with pip_requirements that name the CPU build, or nothing of the kind."
        )
    if name in CONTAINERS_OWN:
        return None
    releases = RELEASES.get(name, {}).get(python, "")
    return _fault_of_source(line, requirement) or _fault_of_release(requirement, releases, python)


def _fault_of_source(line: str, requirement: Requirement) -> str | None:
    """Explain why the container could not fetch it; None when it could."""
    if requirement.url:
        fetched = requirement.url.partition(":")[0].lower() in _FETCHED
        return None if fetched else _unusable(line)
    if canonicalize_name(requirement.name) in ELSEWHERE:
        return (
            f"`{_shown(line)}` has no release for Linux, which endpoints run. "
            "Log the model with pip_requirements without it."
        )
    if any(_is_local(each.version) for each in requirement.specifier):
        return (
            f"`{_shown(line)}` is a build that no public package index has. "
            "Log the model with pip_requirements that name a released version."
        )
    return None


def _fault_of_release(requirement: Requirement, releases: str, python: str) -> str | None:
    if not (requirement.specifier & SpecifierSet(releases)).is_unsatisfiable():
        return None
    return (
        f"`{requirement}` cannot be installed for an endpoint's Python {python}, for which "
        f"{requirement.name} has the releases {releases} only. Train with one of these, "
        "and log the model again."
    )


def _environment(python: str) -> dict[str, str]:
    """Environment against which markers are evaluated: the endpoint's."""
    return {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "linux",
    }


def _wants_gpu(requirement: Requirement, name: str) -> bool:
    pins = [requirement.url or "", *(f"{each}" for each in requirement.specifier)]
    return (
        GPU_ONLY.fullmatch(name) is not None
        or any("cuda" in extra for extra in requirement.extras)
        or any(_GPU_BUILD.search(pin) for pin in pins)
    )


def _is_local(version: str) -> bool:
    """Return True for a local part, `1.0+ours`, with which an index takes no file (PEP 440)."""
    try:
        return Version(version).local is not None
    except InvalidVersion:
        return False


def _serializers(flavors: Flavors) -> list[str]:
    """skops, MLflow's default way to write scikit-learn models since 3.x, when it was used."""
    formats = {settings.get("serialization_format") for settings in flavors.values()}
    return ["skops"] if "skops" in formats else []


def _lines(text: str) -> Iterator[str]:
    """Requirements as written, one by one, without comments and options."""
    for physical in text.replace("\\\n", " ").splitlines():
        line = _COMMENT.sub("", physical).strip()
        if line and (_INCLUSION.match(line) or not line.startswith("-")):
            yield re.split(r"\s+--", line)[0]


def _parsed(line: str) -> Requirement | None:
    """Parse *line*; return None for a path and for what is no requirement."""
    try:
        return Requirement(line)
    except InvalidRequirement:
        return None


def _converted(line: str) -> Requirement:
    requirement = _parsed(line)
    if requirement is None:
        raise UnusableRequirementError(_unusable(line))
    name = canonicalize_name(requirement.name)
    if name == "mlflow" and not requirement.url:
        requirement.name = "mlflow-skinny"
    elif name in CONTAINERS_OWN:
        requirement.specifier = SpecifierSet()
        requirement.url = None
    return requirement


def _unusable(line: str) -> str:
    return (
        f"The model's requirements.txt has the line `{_shown(line)}`, which cannot be installed on "
        "an endpoint. Log the model with pip_requirements that name packages and versions."
    )


def _shown(line: str) -> str:
    """Return *line* without a password in an address."""
    return _PASSWORD.sub("//***@", line)[:_SHOWN_CHARACTERS]
