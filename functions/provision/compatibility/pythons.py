"""The Python of an endpoint: that of the model, where the runtime has it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from functions.provision.registry.base import RegisteredVersion

PICKLED = {"cloudpickle", "pickle"}
"""Formats that hold a program's own objects, as one Python's minor version knows them."""
_ASSUMED = "3.11"
"""Python of a model that does not say which one saved it."""
_MINOR = re.compile(r"(\d+)\.(\d+)")


def python_for(version: RegisteredVersion, pythons: Sequence[str]) -> str:
    """Return the one of *pythons* that is nearest to the Python that saved *version*."""
    sought = _number(minor_version(version) or _ASSUMED)
    return min(pythons, key=lambda each: abs(_number(each) - sought))


def minor_version(version: RegisteredVersion) -> str | None:
    """Return the minor version of the Python that saved it, e.g. `3.11`; None when unknown."""
    found = _MINOR.match(version.python_version or "")
    return found[0] if found else None


def is_pickled(version: RegisteredVersion) -> bool:
    """Return True when a flavor declares that the model is a pickle; not all of them do."""
    if any(
        settings.get("serialization_format") in PICKLED and not _is_native(settings)
        for settings in version.flavors.values()
    ):
        return True
    python_function = version.flavors.get("python_function", {})
    return "python_model" in python_function and "model_code_path" not in python_function


def _is_native(settings: Mapping[str, Any]) -> bool:
    """A LightGBM booster is written as text, whatever format the flavor notes beside it."""
    return str(settings.get("data")).endswith(".lgb")


def _number(minor: str) -> int:
    """Return a number in which neighbouring versions differ by one."""
    major, _, minor = minor.partition(".")
    return 100 * int(major) + int(minor)
