"""The comparison of new versions with the live one, as an environment has it."""

from dataclasses import dataclass

AGREEMENT_MODES = ("off", "report", "hold")
_MIRROR_EXECUTIONS = 5


@dataclass(frozen=True, kw_only=True)
class ComparisonSettings:
    """Settings of the comparison; a version's tag `hokus.agreement` overrides the first one.

    Attributes:
        agreement: What comes of a comparison, one of `AGREEMENT_MODES`.
        agreement_share: Share of the live version's calls that is compared.
        agreement_calls, agreement_minutes: It ends after so many calls or so many minutes.
        agreement_tolerance: Share of its size that a number may differ.
        agreement_min_share, agreement_max_error_share: Shares of compared calls that must agree,
            and that may get no answer, or `hold` holds the version back.
        agreement_max_latency_ratio: Times the live version's time that answers may take.
    """

    agreement: str = AGREEMENT_MODES[0]
    agreement_share: float = 0.1
    agreement_calls: int = 200
    agreement_minutes: float = 10
    agreement_tolerance: float = 1e-3
    agreement_min_share: float = 0.98
    agreement_max_error_share: float = 0.01
    agreement_max_latency_ratio: float = 3

    @property
    def mirror_executions(self) -> int | None:
        """Executions that are kept for the function `mirror`; None: it shares the account's.

        A slow candidate must not use up those of all functions. A new account has none to keep:
        so it is done only where versions are compared, and not for a single version's tag.
        """
        return None if self.agreement == AGREEMENT_MODES[0] else _MIRROR_EXECUTIONS

    def agreement_variables(self) -> dict[str, str]:
        """Return the variables of these settings."""
        return {
            "AGREEMENT": self.agreement,
            "AGREEMENT_SHARE": f"{self.agreement_share:g}",
            "AGREEMENT_CALLS": str(self.agreement_calls),
            "AGREEMENT_MINUTES": f"{self.agreement_minutes:g}",
            "AGREEMENT_TOLERANCE": f"{self.agreement_tolerance:g}",
            "AGREEMENT_MIN_SHARE": f"{self.agreement_min_share:g}",
            "AGREEMENT_MAX_ERROR_SHARE": f"{self.agreement_max_error_share:g}",
            "AGREEMENT_MAX_LATENCY_RATIO": f"{self.agreement_max_latency_ratio:g}",
        }
