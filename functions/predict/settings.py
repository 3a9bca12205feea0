"""Settings of the predict function."""

from typing import Annotated

from msgspec import Meta

from functions.common.settings import PredictionDeadline, SharedStateSettings


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
