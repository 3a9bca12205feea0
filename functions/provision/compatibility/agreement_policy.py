"""The choice of versions that are compared with the live one before they go live."""

from dataclasses import dataclass

from functions.common.deployments.agreement import AgreementMode, AgreementRecord
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import ModelState
from functions.common.packages.requirement_lines import shown as one_line
from functions.provision.compatibility.breaking_changes import has_served, is_of_same_version
from functions.provision.registry.base import RegisteredVersion
from functions.provision.registry.tags import AGREEMENT, asked_for

_MODES = ", ".join(f"`{each}`" for each in AgreementMode)


class UnknownAgreementError(Exception):
    """The tag is none of its words; the message says which there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementPolicy:
    """Decides by the tag, or else by the setting *mode*."""

    mode: AgreementMode

    def record(
        self, candidate: Deployment, version: RegisteredVersion, state: ModelState
    ) -> AgreementRecord:
        """Return the comparison that *candidate*, validated, has before it.

        A version that has served goes back without one: whoever takes it back is in a hurry, and
        would have it compared with what is bad. Nor is there one where nothing else is live.

        Raises: UnknownAgreementError.
        """
        mode = self._mode(version)
        live = state.live
        if mode is AgreementMode.OFF or live is None:
            return AgreementRecord()
        if is_of_same_version(live, candidate) or has_served(candidate, state):
            return AgreementRecord()
        return AgreementRecord(mode=mode)

    def _mode(self, version: RegisteredVersion) -> AgreementMode:
        text = version.all_tags.get(AGREEMENT)
        if text is None:
            return self.mode
        word = asked_for(text)
        if word not in set(AgreementMode):
            raise UnknownAgreementError(
                f"The tag {AGREEMENT} is `{one_line(word)}`. It can be {_MODES}."
            )
        return AgreementMode(word)
