"""The objectives are what the service promises, counted in our own metrics."""

from typing import Any

import pytest

from infra.monitoring.objectives import FAST, SLOW
from tests.infra.synthesized import Json, Synthesized

SLO = "AWS::ApplicationSignals::ServiceLevelObjective"


def objective(stack: Synthesized, name: str) -> Json:
    (found,) = (each for each in stack.properties(SLO) if each["Name"].endswith(name))
    return found


def counted(queries: list[Json]) -> tuple[str, str, dict[str, str]]:
    """Return metric, statistic and dimensions of the one query, whose data is the result."""
    (query,) = queries
    stat: dict[str, Any] = query["MetricStat"]
    assert query["ReturnData"]
    assert "HokusModelServing" == stat["Metric"]["Namespace"]
    dimensions = {each["Name"]: each["Value"] for each in stat["Metric"]["Dimensions"]}
    return stat["Metric"]["MetricName"], stat["Stat"], dimensions


OF_PREDICT = {"environment": "production", "service": "predict"}


@pytest.mark.parametrize("name", ["Answered", "InTime"])
def test_all_predictions_of_30_days_count(production: Synthesized, name: str) -> None:
    found = objective(production, name)
    sli = found["RequestBasedSli"]["RequestBasedSliMetric"]

    assert ("Latency", "SampleCount", OF_PREDICT) == counted(sli["TotalRequestCountMetric"])
    interval = found["Goal"]["Interval"]["RollingInterval"]
    assert {"Duration": 30, "DurationUnit": "DAY"} == interval


def test_99_percent_are_answered(production: Synthesized) -> None:
    """Faults are bad; what was the caller's own mistake is not."""
    found = objective(production, "Answered")
    monitored = found["RequestBasedSli"]["RequestBasedSliMetric"]["MonitoredRequestCountMetric"]

    assert 99 == found["Goal"]["AttainmentGoal"]
    assert {"BadCountMetric"} == monitored.keys()
    assert ("Fault", "Sum", OF_PREDICT) == counted(monitored["BadCountMetric"])


def test_95_percent_take_two_seconds_at_most(production: Synthesized) -> None:
    """The trimmed count of the values up to 2,000 ms."""
    found = objective(production, "InTime")
    monitored = found["RequestBasedSli"]["RequestBasedSliMetric"]["MonitoredRequestCountMetric"]

    assert 95 == found["Goal"]["AttainmentGoal"]
    assert {"GoodCountMetric"} == monitored.keys()
    assert ("Latency", "TC(:2000)", OF_PREDICT) == counted(monitored["GoodCountMetric"])


def test_every_window_has_a_burn_rate(production: Synthesized) -> None:
    """An alarm on a burn rate that the objective does not compute would never be raised."""
    alarms = [
        {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
        for alarm in production.properties("AWS::CloudWatch::Alarm")
        if alarm.get("MetricName") == "BurnRate"
    ]

    for found in production.properties(SLO):
        windows = {each["LookBackWindowMinutes"] for each in found["BurnRateConfigurations"]}
        used = {
            int(each["BurnRateWindowMinutes"])
            for each in alarms
            if each["SloName"] == found["Name"]
        }
        assert {5, 30, 60, 360} == windows == used


def test_the_rates_are_those_of_a_budget_of_30_days() -> None:
    """2 % of it in an hour, 5 % in six."""
    assert 2 == round(FAST.budget_percent, 6)
    assert 5 == round(SLOW.budget_percent, 6)
