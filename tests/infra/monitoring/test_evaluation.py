"""The evaluator of alarms does what CloudWatch's documents say."""

import pytest

from tests.infra.monitoring.alarm_state import ALARM, INSUFFICIENT, OK, composite_state, state_of
from tests.infra.monitoring.metric_math import UnknownExpressionError, evaluated

BEFORE = "the state before"
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def state(points: str, needed: int, missing: str) -> str:
    """Return the state for *points* as AWS writes them: X breaches, 0 does not, - is none."""
    values = [{"X": 2.0, "0": 0.0, "-": None}[point] for point in points.split()]
    alarm = {
        "Namespace": "Ours",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1,
        "EvaluationPeriods": 3,
        "DatapointsToAlarm": needed,
        "TreatMissingData": missing,
    }
    return state_of(alarm, {"value": values}, before=BEFORE)


@pytest.mark.parametrize(
    ("points", "needed", "states"),
    [
        ("0 - X - X", 3, (OK, OK, OK, OK)),
        ("- - - - 0", 3, (OK, OK, OK, OK)),
        ("- - - - -", 3, (INSUFFICIENT, BEFORE, ALARM, OK)),
        ("0 X X - X", 3, (ALARM, ALARM, ALARM, ALARM)),
        ("- - X - -", 3, (ALARM, BEFORE, ALARM, OK)),
        ("0 - X - X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("0 0 X 0 X", 2, (ALARM, ALARM, ALARM, ALARM)),
        ("0 - X - -", 2, (OK, OK, ALARM, OK)),
        ("- - - - 0", 2, (OK, OK, ALARM, OK)),
        ("- - - X -", 2, (ALARM, BEFORE, ALARM, OK)),
    ],
)
def test_missing_data_is_treated_as_documented(
    points: str, needed: int, states: tuple[str, ...]
) -> None:
    """Both tables of the document, of three of three and of two of three points.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    assert states == tuple(state(points, needed, missing) for missing in TREATMENTS)


def test_alarms_on_dynamodb_stay_as_they_are_without_data() -> None:
    """Also one that says that missing data is well."""
    alarm = {
        "Namespace": "AWS/DynamoDB",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 1,
        "EvaluationPeriods": 3,
        "TreatMissingData": "notBreaching",
    }

    assert ALARM == state_of(alarm, {"value": [None] * 5}, before=ALARM)


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("a + 2 * b", [21, None, None]),
        ("FILL(a, 0) + FILL(b, 0)", [11, 2, 0]),
        ("IF(a >= 1, 100 * FILL(b, 0) / a, 0)", [1000, 0, None]),
        ("IF(a > 1, b, 7)", [7, None, None]),
        ("a / (b - 10)", [None, None, None]),
    ],
)
def test_expressions_are_evaluated_in_each_period(
    expression: str, values: list[float | None]
) -> None:
    """What is missing makes the result missing, unless it is filled, or not the chosen branch."""
    assert values == evaluated(expression, {"a": [1, 2, None], "b": [10, None, None]})


def test_an_unknown_function_is_no_guess() -> None:
    with pytest.raises(UnknownExpressionError):
        evaluated("RATE(a)", {"a": [1]})


def test_a_composite_alarm_needs_all_its_parts() -> None:
    rule = '(ALARM("One") AND ALARM("Other"))'

    assert ALARM == composite_state(rule, {"One": ALARM, "Other": ALARM})
    assert OK == composite_state(rule, {"One": ALARM, "Other": OK})
    with pytest.raises(AssertionError):
        composite_state(rule.replace("AND", "OR"), {"One": ALARM, "Other": OK})
