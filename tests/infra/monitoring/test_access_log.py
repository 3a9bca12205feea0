"""What is counted in the access log is in its lines."""

import json
import re
from fnmatch import fnmatchcase

import pytest

from functions.common.metric_names import AUTHORIZER_FAILURES, GATEWAY_FAULTS
from infra.constructs.api_stage import access_log_fields
from infra.constructs.gateway_responses import ANSWERS
from infra.environments import PRODUCTION
from tests.infra.synthesized import Json, Synthesized

PATTERN = re.compile(r'\{ \$\.(\w+) = "([\w*]+)" \}')


def filter_of(stack: Synthesized, metric: str) -> Json:
    (found,) = (
        each
        for each in stack.properties("AWS::Logs::MetricFilter")
        if each["MetricTransformations"][0]["MetricName"] == metric
    )
    return found


def counted(stack: Synthesized, metric: str, line: dict[str, str]) -> bool:
    """Return whether the metric's filter finds *line*; `*` stands for any characters."""
    match = PATTERN.fullmatch(filter_of(stack, metric)["FilterPattern"])
    assert match
    return fnmatchcase(line[match[1]], match[2])


@pytest.mark.parametrize("metric", [GATEWAY_FAULTS, AUTHORIZER_FAILURES])
def test_the_fields_are_those_of_a_line(production: Synthesized, metric: str) -> None:
    """The pattern's, and those that are the metric's dimensions."""
    made = filter_of(production, metric)
    log = json.loads(production.only("AWS::ApiGateway::Stage")["AccessLogSetting"]["Format"])
    (transformed,) = made["MetricTransformations"]

    assert access_log_fields(PRODUCTION) == log
    assert PATTERN.fullmatch(made["FilterPattern"])[1] in log  # type: ignore[index]
    dimensions = {
        each["Key"]: log[each["Value"].removeprefix("$.")] for each in transformed["Dimensions"]
    }
    assert {"environment": "production", "service": "gateway"} == dimensions


@pytest.mark.parametrize("status", ["200", "404", "429", "500", "503", "504"])
def test_answers_of_500_and_above_are_faults(production: Synthesized, status: str) -> None:
    assert (int(status) >= 500) == counted(production, GATEWAY_FAULTS, {"status": status})


@pytest.mark.parametrize("type_", [*ANSWERS, "-"])
def test_failures_of_the_authorizer_are_those_that_answer_so(
    production: Synthesized, type_: str
) -> None:
    """A refused key is no failure, nor is a call without a gateway response."""
    error = ANSWERS[type_][0] if type_ in ANSWERS else None

    found = counted(production, AUTHORIZER_FAILURES, {"gateway_error": type_})
    assert (error is not None and error.code == "auth_unavailable") == found
