"""Packages of no use without a GPU, by their names: endpoints have none."""

import re
from collections.abc import Mapping, Sequence

from functions.common.packages.model_packages import LockedPackage

FOR_GPUS = re.compile(
    r"nvidia-(?!ml-py$).+"  # CUDA's libraries; ml-py asks a driver that may be missing
    r"|cuda-.+|cupy"
    r"|.+-gpu(-.+)?|.+-cu\d+|.+-cuda\d+x?(-.+)?|.+-rocm.*"
)
"""Names as in the index, in small letters with hyphens."""
_GPU_BUILD = re.compile(r"\+(cu|rocm)\d")
_REQUIRED_BY = re.compile(r"^([\w.-]+)==\S+\s+# via (.+)$", flags=re.MULTILINE)
_NAMED = 3
"""As many are named in a reason."""


def gpu_packages(packages: Sequence[LockedPackage]) -> list[str]:
    """Return the names of those among *packages* that are for machines with a GPU."""
    return [
        each.name
        for each in packages
        if FOR_GPUS.fullmatch(each.name) or _GPU_BUILD.search(each.version)
    ]


def gpu_reason(names: Sequence[str], annotated: str = "") -> str:
    """Explain that *names* are for GPUs.

    Arguments:
        annotated: The lock with comments that say what requires each package.
    """
    required_by = {name: parents.split(", ") for name, parents in _REQUIRED_BY.findall(annotated)}
    roots = {root for name in names for root in _roots(name, required_by)} - set(names)
    some = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    cause = f", required by {', '.join(sorted(roots))}" if roots else ""
    return (
        "The model's requirements need packages for GPUs, which endpoints do not have: "
        f"{some}{cause}. Log the model with pip_requirements that name packages for CPUs."
    )


def _roots(name: str, required_by: Mapping[str, Sequence[str]]) -> set[str]:
    """Return those of the model's own requirements that bring *name*, perhaps itself."""
    seen, roots, left = {name}, set(), [name]
    while left:
        each = left.pop()
        for parent in required_by.get(each, ()):
            if parent.startswith("-r "):
                roots.add(each)
            elif parent not in seen:
                seen.add(parent)
                left.append(parent)
    return roots
