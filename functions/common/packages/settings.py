"""Settings of what endpoints install."""

from typing import Annotated, Literal

from msgspec import Meta

from functions.common.settings import Settings


class PackageSettings(Settings, frozen=True, kw_only=True):
    """Settings of the packages that are taken."""

    source_distributions: Annotated[
        Literal["allow", "refuse"],
        Meta(
            description="Packages that have no wheel, and are built at every start: `allow`, or "
            "`refuse` models that need one."
        ),
    ] = "allow"

    @property
    def allows_sources(self) -> bool:
        """Return whether packages without wheels are taken."""
        return self.source_distributions == "allow"
