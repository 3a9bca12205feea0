"""The deploy policy: versions that the registry asks for, by tag and alias, and may go live."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

OPT_OUT_TAG = "hokus.deploy"
_OPTED_OUT = {"false", "no", "0", "off"}


class BreakingChanges(StrEnum):
    """Fate of a version that would break callers of the live one."""

    REFUSED = "refused"
    ALLOWED = "allowed"


def opted_out(tags: Mapping[str, str | None]) -> bool:
    """Return whether a version's *tags* say that it is not to be deployed."""
    return (tags.get(OPT_OUT_TAG) or "").strip().lower() in _OPTED_OUT


@dataclass(frozen=True, slots=True)
class DeployPolicy:
    """Every version, the newest one serving; or only the version that *alias* names.

    Attributes:
        alias: None: every version.
    """

    alias: str | None = None

    @classmethod
    def of(cls, deploy_alias: str) -> "DeployPolicy":
        """Return the policy of the setting `deploy_alias`, where empty means every version."""
        return cls(deploy_alias.strip() or None)

    def named(self, aliases: Mapping[str, str]) -> str:
        """The version that decides, by *aliases* (version by alias); empty for none."""
        return aliases.get(self.alias or "", "")

    def allows(self, aliases: tuple[str, ...]) -> bool:
        """Return whether a version that *aliases* name may be deployed because of the registry."""
        return self.alias is None or self.alias in aliases
