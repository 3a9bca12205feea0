"""Input of a resolution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

LEFT_OUT = ("nvidia-nccl-cu12", "nvidia-nccl-cu13")
"""Hundreds of MB that xgboost asks for, and loads only to train on several GPUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaticMetadata:
    """Metadata of a package that has a source distribution only.

    Attributes:
        version: The one version that may be chosen; None: whichever the requirements ask for.
        requires: Requirements, as in a wheel's `Requires-Dist`.
    """

    version: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Input of a resolution.

    Attributes:
        python: Minor version, e.g. `3.12`.
        requirements: Lines of a requirements.txt.
        constraints: Lines that narrow versions without asking for a package.
        sources: By name, packages that may be taken as source distributions.
        left_out: Packages that are never installed, whoever asks for them.
        as_of: Releases that came later are not taken; None: all are.
        current: Packages that *as_of* does not bind.
        with_dependencies: False: the requirements alone.
    """

    python: str
    requirements: Sequence[str]
    constraints: Sequence[str] = ()
    sources: Mapping[str, StaticMetadata] = field(default_factory=dict)
    left_out: Sequence[str] = LEFT_OUT
    as_of: datetime | None = None
    current: Sequence[str] = ()
    with_dependencies: bool = True

    def taking(self, found: Mapping[str, StaticMetadata | None]) -> Self:
        """Return this with source distributions of *found*; None: not of that package."""
        sources = {**self.sources, **found}
        return replace(self, sources={name: each for name, each in sources.items() if each})
