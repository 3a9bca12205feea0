"""Variables of the simulated functions."""

from tests.simulation.invariants import RETIRE_AFTER


def variables(installation: str, alias: str | None) -> dict[str, str]:
    """Return the settings of all functions."""
    return {
        "TABLE_NAME": "deployed_models",
        "STATE_TABLE_NAME": "serving_state",
        "INSTALLATION": installation,
        "DEPLOY_ALIAS": alias or "",
        "STATE_MACHINE_ARN": "provision",
        "RECONCILE_FUNCTION": "reconcile",
        "WEBHOOK_SECRET": "webhook",
        "API_URL": "https://api.test",
        "EVENT_BUS": "events",
        "RETIRE_AFTER_S": str(RETIRE_AFTER.total_seconds()),
        "MAX_ENDPOINTS": "1000",
        "MAX_HOURLY_COST_USD": "1000",
        "ROLLBACK_POLL_S": "60",
        "AGREEMENT_MINUTES": "1",
        "AGREEMENT_CALLS": "20",
        "VERIFY_TIMES": "1",
        "VERIFY_MAX_LATENCY_S": "60",
    }
