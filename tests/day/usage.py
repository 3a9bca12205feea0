"""The roll-up of usage, run for the days that the script took."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from functions.common.usage.dynamodb import DynamoUsageStore
from functions.common.usage.figures import NONE, Figures
from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.day.calls import MODELS
from tests.e2e.support.lambda_functions import LambdaFunctions
from tests.e2e.support.workflow_control import TABLE

_HANDLER = "functions.usage.handler.lambda_handler"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What was rolled up.

    Attributes:
        calls: Of all models and names.
        users: Distinct ones of the last day.
        figures: By user and model.
    """

    calls: int
    users: int
    figures: Mapping[tuple[str, str], Figures]


def rolled_up(system: LocalSystem, *, began: datetime) -> Usage:
    """Roll up the days since *began*, of which the last is today."""
    days = _days(began.date(), datetime.now(UTC).date())
    reports = [_roll_up(system, day) for day in days]
    store = DynamoUsageStore(aws_client("dynamodb", system.aws_url), TABLE)
    figures: dict[tuple[str, str], Figures] = {}
    for model in MODELS:
        for day in store.days(model, days[0], days[-1]):
            for user, found in day.users.items():
                figures[user, model] = figures.get((user, model), NONE) + found
    return Usage(
        calls=sum(each["calls"] for report in reports for each in report["days"]),
        users=reports[-1]["users_day"],
        figures=figures,
    )


def _days(first: date, last: date) -> Sequence[date]:
    return [first + timedelta(days=i) for i in range((last - first).days + 1)]


def _roll_up(system: LocalSystem, day: date) -> Any:
    answer = aws_client("lambda", system.aws_url).invoke(
        FunctionName=LambdaFunctions(system).live(_HANDLER),
        Payload=json.dumps({"day": day.isoformat()}),
    )
    report = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, report
    return report
