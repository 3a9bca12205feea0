"""Who calls which model is added up from the log, by the function that does so every night.

Given a live model and a caller of its own, when the caller predicts and is refused, and the roll-up
is asked for today so far, then the model's usage has these calls under the caller's id, and a
second run changes nothing. A key without a write scope does not see them.
"""

import json
from typing import Any
from uuid import uuid4

from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient, path_of
from tests.e2e.support.api_keys import new_key
from tests.e2e.support.lambda_functions import LambdaFunctions
from tests.e2e.support.registered_models import RegisteredVersion
from tests.e2e.support.waiting import eventually

MODEL = "iris classifier"
ENTRY = "functions.usage.handler.lambda_handler"
TIMEOUT_S = 60


def roll_up(system: LocalSystem, operator: ApiClient) -> dict[str, Any]:
    """Roll up today; return the model's usage of today."""
    today = operator.http.get(path_of(MODEL, "/usage")).raise_for_status().json()["to"]
    answer = aws_client("lambda", system.aws_url).invoke(
        FunctionName=LambdaFunctions(system).live(ENTRY), Payload=json.dumps({"day": today})
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    query = {"from": today, "to": today}
    usage: dict[str, Any] = operator.http.get(path_of(MODEL, "/usage"), params=query).json()
    return usage


def of_user(usage: dict[str, Any], user: str) -> tuple[int, int, int] | None:
    """Return the user's calls, predictions and refusals; None where there are none."""
    found = [each for each in usage["users"] if each["user"] == user]
    return (found[0]["calls"], found[0]["predictions"], found[0]["refusals"]) if found else None


def test_calls_are_counted_by_their_caller(
    system: LocalSystem, operator: ApiClient, documented: dict[str, RegisteredVersion]
) -> None:
    """Two answers and a refusal; and again the same."""
    user = f"user-{uuid4()}"
    key = new_key(system, answer={"user_id": user, "scopes": ["model:read"]})
    with ApiClient(system, key=key) as caller:
        for _ in range(2):
            caller.predict(MODEL, documented[MODEL].body).raise_for_status()
        assert 422 == caller.predict(MODEL, {"inputs": [["no number"]]}).status_code
        assert 403 == caller.http.get(path_of(MODEL, "/usage")).status_code

    # MiniStack shows a line some time after the answer.
    assert eventually(
        lambda: of_user(roll_up(system, operator), user) == (3, 2, 1), timeout_s=TIMEOUT_S
    ), roll_up(system, operator)
    assert (3, 2, 1) == of_user(roll_up(system, operator), user)
