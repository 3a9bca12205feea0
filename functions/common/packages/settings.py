"""Settings of what endpoints install."""

from typing import Literal

from pydantic import Field

from functions.common.settings import Settings


class PackageSettings(Settings):
    """Settings of the packages that are taken."""

    source_distributions: Literal["allow", "refuse"] = Field(
        default="allow",
        description="Packages that have no wheel, and are built at every start: `allow`, or "
        "`refuse` models that need one.",
    )

    @property
    def allows_sources(self) -> bool:
        """Return whether packages without wheels are taken."""
        return self.source_distributions == "allow"
