"""Tags in MLflow that size a model's endpoint, on the version or on the registered model.

The task `validate` reads them; a tag that is changed later applies to the next deployment.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from functions.common.providers.hardware import (
    MAX_IDLE_MIN,
    MAX_REPLICAS,
    MIN_IDLE_MIN,
    Hardware,
)

SIZE = "hokus.instance_size"
LEAST, MOST = "hokus.min_replicas", "hokus.max_replicas"
IDLE = "hokus.scale_to_zero_after_min"
RANGES = {LEAST: (0, MAX_REPLICAS), MOST: (1, MAX_REPLICAS), IDLE: (MIN_IDLE_MIN, MAX_IDLE_MIN)}
"""Smallest and largest value of each tag that is a number."""
_NUMBER = re.compile(r"[0-9]{1,9}")
_SHOWN_CHARACTERS = 40
_REMEDY = "Correct it, and deploy the version again."


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedHardware:
    """Hardware that a version's endpoint may have.

    Attributes:
        candidates: That of the settings with the tags applied, smallest first; without the tags
            where they have faults.
        by_tags: Whether tags were applied.
        faults: A sentence for each tag that cannot be applied.
    """

    candidates: tuple[Hardware, ...]
    by_tags: bool
    faults: tuple[str, ...] = ()


def requested_hardware(
    settings: Sequence[Hardware], tags: Mapping[str, str], *, sizes: Collection[str]
) -> RequestedHardware:
    """Apply *tags* to the hardware of the settings.

    *sizes* are those that the provider has of the settings' machine.
    """
    own = {name: tags[name].strip() for name in (SIZE, *RANGES) if name in tags}
    faults = [*_size_faults(own, settings[0], sizes), *_range_faults(own)]
    if not faults:
        numbers = {name: int(own[name]) for name in RANGES if name in own}
        faults += _contradictions(numbers, settings[0])
    if faults:
        settings = tuple(_with_numbers(each, {}) for each in settings)
        return RequestedHardware(candidates=settings, by_tags=False, faults=tuple(faults))
    if SIZE in own:
        settings = (replace(settings[0], instance_size=own[SIZE]),)
    candidates = tuple(_with_numbers(each, numbers) for each in settings)
    return RequestedHardware(candidates=candidates, by_tags=bool(own))


def _with_numbers(hardware: Hardware, numbers: Mapping[str, int]) -> Hardware:
    """Return *hardware* with *numbers* by their tags; it never sleeps if replicas are kept."""
    least = numbers.get(LEAST, hardware.min_replicas)
    return replace(
        hardware,
        min_replicas=least,
        max_replicas=numbers.get(MOST, hardware.max_replicas),
        scale_to_zero_after_min=None
        if least
        else numbers.get(IDLE, hardware.scale_to_zero_after_min),
    )


def _size_faults(
    tags: Mapping[str, str], machine: Hardware, sizes: Collection[str]
) -> Iterator[str]:
    if SIZE in tags and sizes and tags[SIZE] not in sizes:
        yield (
            f"The tag {SIZE} is {_shown(tags[SIZE])}, and {machine.instance_type} in "
            f"{machine.vendor} {machine.region} has the sizes {', '.join(sizes)}. {_REMEDY}"
        )


def _range_faults(tags: Mapping[str, str]) -> Iterator[str]:
    for name, (smallest, largest) in RANGES.items():
        value = tags.get(name)
        if value is None:
            continue
        if not _NUMBER.fullmatch(value) or not smallest <= int(value) <= largest:
            yield (
                f"The tag {name} is {_shown(value)}, and takes a whole number from {smallest} to "
                f"{largest}. {_REMEDY}"
            )


def _contradictions(numbers: Mapping[str, int], settings: Hardware) -> Iterator[str]:
    least = numbers.get(LEAST, settings.min_replicas)
    most = numbers.get(MOST, settings.max_replicas)
    if least > most:
        yield (
            f"The endpoint would have at least {least} and at most {most} replicas. Correct the "
            f"tags {LEAST} and {MOST}, of which a missing one counts as the setting, and deploy "
            "the version again."
        )
    if IDLE in numbers and LEAST not in numbers and least:
        yield (
            f"The tag {IDLE} has an effect only where no replica is always kept. Set the tag "
            f"{LEAST} to 0 as well, and deploy the version again."
        )


def _shown(value: str) -> str:
    return f"`{value[:_SHOWN_CHARACTERS]}`"
