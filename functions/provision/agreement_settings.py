"""Settings of the comparison that a version goes through before it goes live."""

from typing import Annotated

from msgspec import Meta

from functions.common.agreements.settings import Tolerance
from functions.common.deployments.agreement import AgreementMode
from functions.common.settings import DeploySettings


class AgreementSettings(DeploySettings, frozen=True, kw_only=True):
    """Which versions are compared with the live one, for how long, and what holds one back."""

    agreement: Annotated[
        AgreementMode,
        Meta(
            description="New versions are sent a share of the live one's calls before they go "
            "live: `off`, `report` what comes of it, or `hold` back those that differ."
        ),
    ] = AgreementMode.OFF
    agreement_share: Annotated[
        float, Meta(gt=0, le=1, description="Share of the live version's calls that is compared.")
    ] = 0.1
    agreement_calls: Annotated[
        int, Meta(ge=1, description="Compared calls after which a comparison ends.")
    ] = 200
    agreement_minutes: Annotated[
        float, Meta(gt=0, le=1_440, description="Minutes after which it ends in any case.")
    ] = 10
    agreement_tolerance: Tolerance = 1e-3
    agreement_min_share: Annotated[
        float,
        Meta(ge=0, le=1, description="Share of compared calls that must agree, or `hold` holds."),
    ] = 0.98
    agreement_max_error_share: Annotated[
        float,
        Meta(ge=0, le=1, description="Share of them that may get no answer of the new version."),
    ] = 0.01
    agreement_max_latency_ratio: Annotated[
        float, Meta(gt=0, description="Times the live version's time that its answers may take.")
    ] = 3
