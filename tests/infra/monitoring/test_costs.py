"""The counts that docs/costs.md multiplies are the template's."""

from bench import monitoring_costs
from bench.costs import check_usd, recorded
from tests.infra.monitoring.watched import alarms_of, composites_of
from tests.infra.synthesized import Synthesized, metrics_of


def test_alarms_are_counted_by_their_metrics(production: Synthesized) -> None:
    """As they are paid for."""
    metrics = sum(len(metrics_of(alarm)) for alarm in alarms_of(production).values())

    assert monitoring_costs.ALARM_METRICS == metrics
    assert monitoring_costs.COMPOSITE_ALARMS == len(composites_of(production))
    objectives = production.properties("AWS::ApplicationSignals::ServiceLevelObjective")
    assert monitoring_costs.OBJECTIVES == len(objectives)


def test_looking_after_50_models_costs_two_percent_at_most_without_metrics_of_each() -> None:
    """Of what their endpoints cost."""
    shares = {
        what: float(share) for what, _, share, _ in monitoring_costs.rows(check_usd(recorded()))
    }

    assert shares["**without metrics of each model**"] <= 2
