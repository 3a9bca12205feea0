"""Settings of the uptime function."""

from typing import Annotated

from msgspec import Meta

from functions.common.answers.flat_answer import TOLERANCE, AnswerTolerance
from functions.common.ledger.budget_use import BudgetAction, BudgetActionName, MonthlyBudgetUsd
from functions.common.settings import SharedStateSettings


class UptimeSettings(SharedStateSettings, frozen=True, kw_only=True):
    """Settings of the function that checks whether models answer."""

    api_url: Annotated[str, Meta(description="Base of the API, ends in `/api/v1`.")]
    uptime_api_key_secret: Annotated[
        str, Meta(description="Name of the secret with the API key of the checks.")
    ]
    monthly_budget_usd: MonthlyBudgetUsd = 0
    budget_action: BudgetActionName = BudgetAction.SLEEP
    answer_tolerance: AnswerTolerance = TOLERANCE
    available_per_model: Annotated[
        bool,
        Meta(
            description=(
                "Whether each model has a metric `Available` of its own, 0.30 USD a month each."
            )
        ),
    ] = False
