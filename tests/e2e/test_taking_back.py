"""A version that fails its callers is taken back by itself.

Given a model that serves, when a version that answers its example and fails every tenth call after
that replaces it, then within a minute of its first fifty calls the version before serves again,
from the endpoint that still stood. Tags, events and the metric of the alarm say why, and a newer
version that was on its way goes live all the same.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.common.metric_names import TAKEN_BACK
from infra.local.deployment import aws_client
from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from infra.workflow_tasks import TASKS
from tests.e2e.support.api_client import ApiClient, path_of
from tests.e2e.support.doubling_model import (
    BODY,
    DOUBLED,
    log_doubling_model,
    register_version,
)
from tests.e2e.support.followed_models import (
    Registry,
    assert_serves,
    assert_tags,
    new_serving_model,
)
from tests.e2e.support.heard_events import HeardEvents
from tests.e2e.support.lambda_functions import LambdaFunctions
from tests.e2e.support.logged_models import LoggedModels
from tests.e2e.support.waiting import eventually
from tests.wide_events import metric_lines

CALLS = 50
WITHIN = timedelta(seconds=60)


@pytest.fixture(scope="module")
def slow_uri(system: LocalSystem) -> str:  # noqa: ARG001 - MLflow is its
    """A sound version that is on its way for half a minute."""
    return log_doubling_model("LoadsSlowly")


@pytest.mark.concurrent
def test_a_version_that_fails_every_tenth_call_is_taken_back(
    system: LocalSystem, operator: ApiClient, registry: Registry, logged_models: LoggedModels
) -> None:
    """Within a minute of its first fifty calls; no caller sees another failure than the model's."""
    model, first = new_serving_model(registry, operator, "taken")
    events = HeardEvents.of_model(system, model)
    (endpoint,) = operator.endpoints_of(first)
    version = register_version(model, logged_models.failing)
    failing = operator.wait_until_serving(model, version)

    statuses = [operator.predict(model, BODY).status_code for _ in range(CALLS)]
    called_at = datetime.now().astimezone()
    back = operator.wait_until_serving(model, "1")

    failed = operator.wait_until_ended(model, version)
    assert {200, 502} == set(statuses)
    assert statuses.count(502) <= CALLS / 10
    assert time_of(back, "take_back") - called_at < WITHIN
    assert ("failed", False) == (failed["status"], failed["retryable"])
    assert failed["reason"].startswith("Taken back, version 1 serves again:")
    assert "calls failed" in failed["reason"]
    assert (first["id"], [endpoint]) == (back["id"], operator.endpoints_of(back))
    assert eventually(lambda: operator.predict(model, BODY).json()["model_version"] == "1")
    answers = [operator.predict(model, BODY) for _ in range(20)]
    assert [DOUBLED] * 20 == [each.json()["predictions"] for each in answers]
    shown = {
        "1": {
            "status": "deployed",
            "deployment_id": first["id"],
            "reason": back["reason"],
            "url": f"{system.api_url}/models/{model}/predict",
        },
        version: {
            "status": "failed",
            "deployment_id": failing["id"],
            "reason": failed["reason"],
        },
    }
    assert_tags(registry, model, shown)
    assert back["reason"].startswith(f"Serves again: version {version} was taken back")
    assert wait_for(lambda: bool(rolled_back(events)), timeout_s=60)
    (event,) = rolled_back(events)
    assert ("1", version) == (event["version"], event["replaced_version"])
    assert failed["reason"] == event["reason"]
    assert wait_for(lambda: taken_back(system) >= 1, timeout_s=60)
    assert eventually(lambda: not operator.endpoints_of(failing))
    assert [endpoint] == operator.endpoints_of(first)
    assert_serves(operator, model, "1")


@pytest.mark.long
def test_a_newer_version_on_its_way_goes_live_all_the_same(
    operator: ApiClient, registry: Registry, logged_models: LoggedModels, slow_uri: str
) -> None:
    """It replaces what came back, and the version that was taken back is not tried again."""
    model, _ = new_serving_model(registry, operator, "taken")
    version = register_version(model, logged_models.failing)
    operator.wait_until_serving(model, version)
    newer = register_version(model, slow_uri)

    assert wait_for(is_taken_back(operator, model, version), timeout_s=60, every_s=0)
    back = operator.serving_deployment(model)
    operator.wait_until_serving(model, newer)

    assert back
    assert "1" == back["model_version"]
    assert_serves(operator, model, newer)
    shown = operator.http.get(path_of(model)).json()["deployments"]
    assert ["failed"] == [each["status"] for each in shown if each["model_version"] == version]
    assert [f"Replaced by version {newer}."] == [
        each["reason"] for each in shown if each["model_version"] == "1"
    ]


def is_taken_back(client: ApiClient, model: str, version: str) -> Callable[[], bool]:
    """Return what makes a call, and finds out whether *version* is taken back."""

    def check() -> bool:
        client.predict(model, BODY)
        found = client.deployment(model, version)
        return found is not None and found["status"] == "failed"

    return check


def time_of(deployment: dict[str, Any], step: str) -> datetime:
    """Return when *step* was, by the deployment's own timeline."""
    (entry,) = [each for each in deployment["timeline"] if each["step"] == step]
    return datetime.fromisoformat(entry["time"])


def rolled_back(events: HeardEvents) -> list[dict[str, Any]]:
    """Return the details of the rollbacks that were heard of."""
    return [each["detail"] for each in events.all() if each["detail-type"] == "model.rolled_back"]


def taken_back(system: LocalSystem) -> int:
    """Return how many versions the metric of the alarm counts."""
    functions, logs = (aws_client(each, system.aws_url) for each in ("lambda", "logs"))
    name = LambdaFunctions(system).live(TASKS["bake"].handler)
    group = functions.get_function_configuration(FunctionName=name)["LoggingConfig"]["LogGroup"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    lines = [event["message"] for page in pages for event in page["events"]]
    counted = metric_lines("\n".join(each for each in lines if f'"{TAKEN_BACK}"' in each))
    return sum(int(each[TAKEN_BACK]) for each in counted)
