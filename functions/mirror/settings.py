"""Settings of the mirror function."""

from functions.common.agreements.settings import Tolerance
from functions.common.settings import PredictionDeadline, SharedStateSettings


class MirrorSettings(SharedStateSettings, frozen=True, kw_only=True):
    """Settings of the function that compares a candidate's answers with the live ones."""

    agreement_tolerance: Tolerance = 1e-3
    prediction_deadline_s: PredictionDeadline = 25
