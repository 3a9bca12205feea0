"""Read the lines of a requirements.txt: what can be resolved, and what never could."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

_CONSTRAINTS = re.compile(r"(?:-c|--constraint)[\s=]*(\S+)")
_INDEX = re.compile(r"-i|--index-url|--extra-index-url|-f|--find-links")
_INCLUSION = re.compile(r"-r|-e|--requirement|--editable")
_EDITABLE = re.compile(r"(?:-e|--editable)[\s=]*(?=git\+https://)")
_BARE_ADDRESS = re.compile(r"(?:git\+)?https://\S+")
_EGG = re.compile(r"(?<=[#&])egg=([A-Za-z0-9][\w.-]{0,200}(?:\[[\w,.-]{0,200}\])?)&?")
_LOCAL_WHEEL = re.compile(r"[^\s@]+\.whl")
# The time of each grows with the line's length alone: a line can be long.
_COMMENT = re.compile(r"(?<!\S)#.*")
_OPTIONS = re.compile(r"(?<=\s)--\w")
_AT_COMMIT = re.compile(r"git\+https://[^\s#]+@[0-9a-f]{40}(#.*)?")
_CREDENTIALS = re.compile(r"//[^/@\s]+@")
_CUT_CREDENTIALS = re.compile(r"//[^/@\s]+\Z")
_QUERY = re.compile(r"(//[^\s?]+)\?[^\s`)]+")
_GPU_BUILD = re.compile(r"\+(cu|rocm)\d")
MAX_LINES = 1_000
MAX_LINE_CHARACTERS = 20_000
"""A line with the hashes of a hundred files has less than 10,000."""
_READ_CHARACTERS = 2_000
"""As much of a text is read to show a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementLines:
    """Lines by what becomes of them.

    Attributes:
        resolvable: Names with versions, and addresses of wheels.
        sources: `name @ git+https://…@<commit>`.
        faults: One sentence or two for each line that cannot be installed on any endpoint.
        names_an_index: The file names an index of its own, which is not asked.
    """

    resolvable: tuple[Requirement, ...]
    sources: tuple[str, ...]
    faults: tuple[str, ...]
    names_an_index: bool


def read_lines(text: str) -> RequirementLines:
    """Read the requirements.txt *text*.

    Options are left out: addresses of indexes that the training machine reached, and hashes,
    which are those of its own platform's files.
    """
    resolvable, sources, faults = [], [], []
    lines = list(islice(_lines(text), MAX_LINES + 1))
    if len(lines) > MAX_LINES:
        faults.append(
            f"The model's requirements have more than {MAX_LINES:,} lines. Log the model with "
            "pip_requirements that name what it needs itself."
        )
    for line in lines[:MAX_LINES]:
        if fault := _fault(line):
            faults.append(fault)
        elif (requirement := Requirement(line)).url and requirement.url.startswith("git+"):
            sources.append(str(requirement))
        else:
            resolvable.append(requirement)
    return RequirementLines(
        resolvable=tuple(dict.fromkeys(resolvable)),
        sources=tuple(dict.fromkeys(sources)),
        faults=tuple(dict.fromkeys(faults)),
        names_an_index=any(_INDEX.match(line) for line in _physical_lines(text)),
    )


def constraint_files(text: str) -> list[str]:
    """Return the files that the requirements.txt *text* names with `-c`."""
    return [found[1] for line in _physical_lines(text) if (found := _CONSTRAINTS.match(line))]


def shown(text: str, characters: int = 200) -> str:
    """Return *text* on one line, cut to *characters*, without secrets in addresses."""
    start = " ".join(text[:_READ_CHARACTERS].split())
    if len(text) > _READ_CHARACTERS:
        start = _CUT_CREDENTIALS.sub("//***", start)
    words = _QUERY.sub(r"\1?***", _CREDENTIALS.sub("//***@", start))
    return words if len(words) <= characters else f"{words[:characters]} …"


def _physical_lines(text: str) -> Iterator[str]:
    for physical in text.replace("\r\n", "\n").replace("\\\n", " ").splitlines():
        if line := _COMMENT.sub("", physical).strip():
            yield line


def _lines(text: str) -> Iterator[str]:
    """Yield requirements as written, without options."""
    for line in _physical_lines(text):
        if _INCLUSION.match(line) or not line.startswith("-"):
            yield _named(_OPTIONS.split(line, maxsplit=1)[0].rstrip())


def _named(line: str) -> str:
    """Return a *line* that is an address alone with its package's name, where pip finds it in the
    address: in a wheel's file name, or after `egg=`, also of an editable source."""
    address = _EDITABLE.sub("", line)
    found = _BARE_ADDRESS.match(address)
    if found is None or len(line) > MAX_LINE_CHARACTERS:
        return line
    if egg := _EGG.search(found[0]):
        return f"{egg[1]} @ {_EGG.sub('', address).replace('#&', '#')}".rstrip("#&")
    try:
        name = parse_wheel_filename(unquote(_path(found[0]).rpartition("/")[2]))[0]
    except InvalidWheelFilename:
        return address
    return f"{name} @ {address}"


def _fault(line: str) -> str | None:
    """Explain why *line* could not be installed on any endpoint; None when it may be."""
    if len(line) > MAX_LINE_CHARACTERS:
        return (
            f"The model's requirements have a line of {len(line):,} characters, `{shown(line, 60)}`"
            f"; a line can have {MAX_LINE_CHARACTERS:,}. Log the model without it."
        )
    if _BARE_ADDRESS.match(line):
        return (
            f"`{shown(line)}` does not say which package it is. Write its name before it: "
            "name @ https://… of a wheel, or name @ git+https://…@ and the commit's 40 digits."
        )
    requirement = _requirement(line)
    if requirement is None:
        return (
            f"The model's requirements have the line `{shown(line)}`, which names no package: an "
            "endpoint has no files of the training machine. Log the model with pip_requirements "
            "that name packages and versions, and its own modules with code_paths."
        )
    if any(_GPU_BUILD.search(each.version) for each in requirement.specifier):
        return (
            f"`{shown(line)}` is a build for GPUs, which endpoints do not have. Log the model with "
            "pip_requirements that name the same version without what follows the +."
        )
    return _fault_of_address(line, requirement.url) if requirement.url else None


def _requirement(line: str) -> Requirement | None:
    """Return what *line* requires; None when it names no package."""
    if _LOCAL_WHEEL.fullmatch(line):
        return None
    try:
        requirement = Requirement(line)
        # Numbers of thousands of digits are refused here, and not in a later comparison.
        hash(requirement)
    except (InvalidRequirement, ValueError, RecursionError):
        return None
    return requirement


def _fault_of_address(line: str, url: str) -> str | None:
    scheme = url.partition(":")[0].lower()
    is_wheel = scheme == "https" and _path(url).endswith(".whl")
    if not (is_wheel or scheme == "git+https"):
        return (
            f"`{shown(line)}` cannot be fetched by an endpoint, which takes wheels from https "
            "addresses and git+https at a commit. Log the model with pip_requirements that name "
            "packages and versions."
        )
    if _CREDENTIALS.search(url):
        return (
            f"`{shown(line)}` has a password or token in its address, which would be published "
            "with the model. Log the model with pip_requirements that anyone can fetch."
        )
    if is_wheel or _AT_COMMIT.fullmatch(url):
        return None
    return (
        f"`{shown(line)}` does not say which commit. Write …@ and the commit's 40 digits, so that "
        "every start installs the same."
    )


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
