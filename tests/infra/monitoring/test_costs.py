"""The counts that docs/costs.md multiplies are the template's."""

from bench import monitoring_costs
from bench.costs import check_usd, log_usd, recorded
from infra.environments import PRODUCTION
from tests.infra.monitoring.watched import alarms_of, composites_of
from tests.infra.synthesized import Synthesized, metrics_of


def test_alarms_are_counted_by_their_metrics(production: Synthesized) -> None:
    """As they are paid for."""
    metrics = sum(len(metrics_of(alarm)) for alarm in alarms_of(production).values())

    assert monitoring_costs.ALARM_METRICS == metrics
    assert monitoring_costs.COMPOSITE_ALARMS == len(composites_of(production))
    objectives = production.properties("AWS::ApplicationSignals::ServiceLevelObjective")
    assert monitoring_costs.OBJECTIVES == len(objectives)


def test_looking_after_50_models_costs_two_percent_at_most() -> None:
    """Of what their endpoints cost, the smallest that there are, with a million predictions."""
    kept = recorded()
    rows = monitoring_costs.rows(check_usd(kept), log_usd(kept))
    shares = {what: float(share) for what, _, share, _ in rows}

    assert not PRODUCTION.metrics_per_model
    assert shares[monitoring_costs.IN_ALL] <= 2
