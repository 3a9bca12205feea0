"""Settings of the predict function."""

from pydantic import Field

from functions.common.settings import SharedStateSettings, TableSettings


class PredictSettings(TableSettings, SharedStateSettings):
    """Settings of the function that predicts."""

    reconcile_function: str = Field(description="Name of the reconcile function.")
    lookup_max_age_s: float = Field(
        default=5, ge=0, le=60, description="Seconds for which a looked-up deployment is kept."
    )
    prediction_deadline_s: float = Field(
        default=25,
        gt=0,
        le=28,
        description="Seconds for one prediction in all; API Gateway gives up after 29.",
    )
