"""Settings of the predict function."""

from pydantic import Field

from functions.common.settings import SharedStateSettings, TableSettings


class PredictSettings(TableSettings, SharedStateSettings):
    """Settings of the function that predicts."""

    reconcile_function: str = Field(description="Name of the reconcile function.")
    lookup_max_age_s: float = Field(
        default=5, ge=0, le=60, description="Seconds for which a looked-up deployment is kept."
    )
    max_waiting_calls: int = Field(
        default=50,
        ge=0,
        description="Calls that may begin to wait for a model within 25 s; one user gets a fifth.",
    )
    prediction_deadline_s: float = Field(
        default=25,
        gt=0,
        le=28,
        description="Seconds for one prediction in all; API Gateway gives up after 29.",
    )
