"""The monthly budget of an environment."""

import pytest

from functions.common.ledger.budget_use import BudgetAction
from infra.context import environment_from_context
from infra.environments import ConfigurationError
from infra.monthly_budget import BUDGET_ACTIONS
from tests.infra.synthesized import template_of


def test_a_budget_is_given_to_the_cdk() -> None:
    """Both of its fields."""
    context = {"monthly_budget_usd": "49.5", "budget_action": "pause"}

    environment = environment_from_context(context.get)

    assert (49.5, "pause") == (environment.monthly_budget_usd, environment.budget_action)


@pytest.mark.parametrize(
    "context",
    [
        {"monthly_budget_usd": "-1"},
        {"monthly_budget_usd": "nan"},
        {"monthly_budget_usd": "fifty"},
        {"budget_action": "delete"},
    ],
)
def test_a_useless_budget_is_refused(context: dict[str, str]) -> None:
    """Before anything is deployed."""
    with pytest.raises(ConfigurationError, match="budget"):
        environment_from_context(context.get)


def test_the_actions_are_the_reconcilers() -> None:
    """The CDK app does not import the functions' settings."""
    assert [*BUDGET_ACTIONS] == [each.value for each in BudgetAction]


def test_reconciler_and_validation_have_the_same_budget() -> None:
    """None by default."""
    template = template_of("production")
    reconciler, validate = (
        template.variables(f"functions.provision.{handler}")
        for handler in ("reconcile_handler.lambda_handler", "handler.validate")
    )

    assert ("0", "0") == (reconciler["MONTHLY_BUDGET_USD"], validate["MONTHLY_BUDGET_USD"])
    assert "sleep" == reconciler["BUDGET_ACTION"]
