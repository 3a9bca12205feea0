"""Settings of the predict function."""

from typing import Annotated

from msgspec import Meta

from functions.common.settings import (
    ROLLBACK_WINDOW_S,
    AutomaticRollback,
    PredictionDeadline,
    RollbackWindowS,
    SharedStateSettings,
)


class PredictSettings(SharedStateSettings, frozen=True, kw_only=True):
    """Settings of the function that predicts."""

    reconcile_function: Annotated[str, Meta(description="Name of the reconcile function.")]
    lookup_max_age_s: Annotated[
        float,
        Meta(ge=0, le=60, description="Seconds for which a looked-up deployment is kept."),
    ] = 5
    max_waiting_calls: Annotated[
        int,
        Meta(
            ge=0,
            description="Calls that may begin to wait for a model within 25 s; one user gets a "
            "fifth.",
        ),
    ] = 50
    prediction_deadline_s: PredictionDeadline = 25
    mirror_function: Annotated[
        str,
        Meta(description="ARN of the function that compares answers; empty: none are compared."),
    ] = ""
    aws_endpoint_url: Annotated[
        str, Meta(description="Address of all of AWS's services, for a local one; empty: AWS's.")
    ] = ""
    automatic_rollback: AutomaticRollback = True
    rollback_window_s: RollbackWindowS = ROLLBACK_WINDOW_S

    @property
    def counted_window_s(self) -> float:
        """Return the rollback window if new versions are judged in it, else 0."""
        return self.rollback_window_s if self.automatic_rollback else 0
