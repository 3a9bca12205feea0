"""uv's messages in words for people who train models.

The shapes are those of uv 0.13; what has none of them is shown as uv says it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from packaging.tags import Tag

from functions.common.packages.pylock import is_for_linux
from functions.common.packages.requirement_lines import shown

ADVICE = "Log the model with pip_requirements that can be installed."
_SHOWN_CHARACTERS = 600
_CAUSE = re.compile(r"cause: (.*?)(?=\nhint: |\Z)", flags=re.DOTALL)
_WITHOUT_WHEELS = re.compile(r"Wheels are required for `([^`]+)` because building from source")
_HINTED = re.compile(
    r"hint: (?:Wheels are available|You require)[^\n]* `[^`]+` \(v([^)]+)\)[^\n]*:"
)
_TAGS = re.compile(r"`([^`]+)`")
_MARKER = re.compile(r"\{[^}]*\}")
_CONCLUSION = re.compile(r",? ?we can conclude that[^\n]*?(?:\.$|\.\n|$)", flags=re.MULTILINE)
_PREMISES = re.compile(r"\s*\b(?:Because|And because)\b\s*| and (?=you require|\S+ depends on)")


@dataclass(frozen=True, slots=True)
class _Found:
    """A known shape in a message, and what `explained` was given."""

    match: re.Match[str]
    message: str
    python: str
    named_index: bool


def without_wheels(message: str) -> set[str]:
    """Return the packages that uv would have to build, which *message* says it may not."""
    return set(_WITHOUT_WHEELS.findall(message))


def explained(message: str, *, python: str, named_index: bool = False) -> str:
    """Return uv's *message* as a reason with advice.

    Arguments:
        python: Minor version for which was resolved.
        named_index: The model's requirements name an index, which was not asked.
    """
    stated = _CAUSE.search(message)
    cause = _MARKER.sub("", stated[1] if stated else message)
    for shape, words in _SHAPES:
        if match := shape.search(cause):
            return words(_Found(match, message, python, named_index))
    if "you require" in cause:
        return _conflict(cause)
    return (
        f"The model's requirements cannot be installed: {shown(cause, _SHOWN_CHARACTERS)}. {ADVICE}"
    )


def no_wheel_reason(name: str, version: str, tags: Sequence[Tag], *, python: str) -> str:
    """Explain that the release has wheels for others than *python* on Linux: those in *tags*."""
    linux = [each for each in tags if is_for_linux(each)]
    if not linux:
        return _no_linux(f"{name}=={version}", (each.platform for each in tags))
    return _other_python(f"{name}=={version}", (each.interpreter for each in linux), python)


def _index(found: _Found) -> str:
    """Return what may be the cause, where the requirements name an index or a page of links."""
    return " Indexes that the requirements name are not asked." if found.named_index else ""


def _no_release(found: _Found) -> str:
    return (
        f"`{found.match[1]}` cannot be installed: the package index (PyPI) has no such release."
        f"{_index(found)} Log the model with pip_requirements that name one that it has."
    )


def _too_new(found: _Found) -> str:
    return (
        f"`{found.match[2]}` cannot be installed: the package index (PyPI) has "
        f"{found.match[1]} only.{_index(found)} Log the model with pip_requirements that name one "
        "of these."
    )


def _unknown(found: _Found) -> str:
    return (
        f"`{found.match[1]}` cannot be installed: the package index (PyPI) has no package of this "
        f"name.{_index(found)} Log the model without it, and your own modules with code_paths."
    )


def _platform(found: _Found) -> str:
    return _no_linux(found.match[1], _hinted_tags(found.message))


def _abi(found: _Found) -> str:
    return _other_python(found.match[1], _hinted_tags(found.message), found.python)


def _needs_python(found: _Found) -> str:
    return (
        f"`{found.match[1]}` needs Python {found.match[2]}, and the endpoint has Python "
        f"{found.python}. Log the model with pip_requirements of a release for this Python, or "
        "train it with another one."
    )


def _address(found: _Found) -> str:
    return (
        f"`{shown(found.match[2])}` cannot be fetched: its server answers {found.match[1]}. "
        "Log the model with pip_requirements that anyone can fetch."
    )


def _built(found: _Found) -> str:
    return f"`{found.match[1]}` has no wheel. {ADVICE}"


type _Words = Callable[[_Found], str]
_SHAPES: tuple[tuple[re.Pattern[str], _Words], ...] = (
    (re.compile(r"HTTP status client error \(([^)]+)\) for url \(([^)]+)\)"), _address),
    (re.compile(r"(\S+) was not found in the package registry"), _unknown),
    (re.compile(r"(\S+) has no wheels with a matching platform tag"), _platform),
    (re.compile(r"(\S+) has no wheels with a matching Python"), _abi),
    (re.compile(r"\b(\S+) depends on Python([<>=]\S+?),? "), _needs_python),
    (re.compile(r"there is no version of (\S+)"), _no_release),
    (re.compile(r"only (\S+) is available and you require (\S+),"), _too_new),
    (re.compile(r"(\S+) has no usable wheels"), _built),
)
"""The causes in uv's own words, the most telling first."""


def _no_linux(subject: str, platforms: Iterable[str]) -> str:
    return (
        f"`{subject}` has no release for Linux on x86-64, which endpoints run: its wheels are for "
        f"{_listed(platforms) or 'other platforms'}. Log the model with pip_requirements without "
        "it."
    )


def _other_python(subject: str, tags: Iterable[str], python: str) -> str:
    versions = _listed(_readable(tags))
    return (
        f"`{subject}` has no wheel for Python {python}, which the model needs: its wheels are for "
        f"{f'Python {versions}' if versions else 'other Pythons'}. Log the model with "
        "pip_requirements of a release for this Python, or train it with another one."
    )


def _hinted_tags(message: str) -> list[str]:
    """Return the tags at the end of uv's last hint, which is on the newest release."""
    hints = [line for line in message.splitlines() if _HINTED.match(line)]
    return _TAGS.findall(hints[-1].rpartition(":")[2]) if hints else []


def _readable(tags: Iterable[str]) -> list[str]:
    """`cp39`, `cp311` → `3.9`, `3.11`, in this order; PyPy and others are left out."""
    found = (re.fullmatch(r"cp(\d)(\d+)m?", tag) for tag in tags)
    return [
        f"{major}.{minor}" for major, minor in sorted({(int(m[1]), int(m[2])) for m in found if m})
    ]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _conflict(cause: str) -> str:
    """Return the premises of uv's proof, without its conclusions."""
    premises = _PREMISES.split(_CONCLUSION.sub("", cause))
    said = dict.fromkeys(" ".join(each.split()).strip(" ,.") for each in premises)
    facts = "; ".join(each for each in said if each).replace("you require", "the model requires")
    return (
        f"The model's requirements exclude each other: {shown(facts, _SHOWN_CHARACTERS)}. Log the "
        "model with pip_requirements that can be installed together; `pip check` finds such "
        "conflicts where it is trained."
    )
