"""Register a model in MLflow, then call its API: the service's main job.

Given an ML engineer who registers a model, when its deployment is live, then the API predicts
exactly as the model itself does. When the engineer registers a second version, then callers move to
it without a failed request. When a version cannot start, then it fails with the reason, and the
version before it goes on serving.
"""

import json
from uuid import uuid4

import jsonschema_rs
import pytest

from infra.local.parts import ROOT
from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient, path_of
from tests.e2e.support.doubling_model import register_version
from tests.e2e.support.heard_events import HeardEvents
from tests.e2e.support.logged_models import LoggedModels
from tests.e2e.support.registered_early import TABLE_MODEL, RegisteredEarly
from tests.e2e.support.registered_models import RegisteredVersion
from tests.e2e.support.uptime_checks import UptimeChecks

REMOVAL_TIMEOUT_S = 120
EVENT_TIMEOUT_S = 120
EVENTS = jsonschema_rs.validator_for(
    json.loads((ROOT / "docs/events.schema.json").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("name", ["iris classifier", "greeter", TABLE_MODEL])
def test_a_registered_model_predicts_as_it_does_itself(
    client: ApiClient,
    documented: dict[str, RegisteredVersion],
    registered_early: RegisteredEarly,
    name: str,
) -> None:
    """A tensor model, a custom model with a parameter, and a table model with a non-ASCII name."""
    registered = documented.get(name, registered_early.table)
    deployment = client.wait_until_live(name, registered.version)

    answer = client.predict(name, registered.body)

    assert 200 == answer.status_code, answer.text
    assert registered.predictions == answer.json()["predictions"]
    assert (name, registered.version) == (answer.json()["model_id"], answer.json()["model_version"])
    assert deployment["id"] == answer.json()["metadata"]["deployment_id"]


def test_an_answer_carries_the_callers_id_and_its_timings(
    client: ApiClient, documented: dict[str, RegisteredVersion]
) -> None:
    """Headers: the id that the caller sent, one duration per step, and no caching."""
    name, request_id = "iris classifier", "order-4711.a_b"

    answer = client.http.post(
        f"models/{name}/predict",
        json=documented[name].body,
        headers={"X-Request-Id": request_id},
    )

    assert request_id == answer.headers["X-Request-Id"]
    assert request_id == answer.json()["metadata"]["request_id"]
    steps = [step.partition(";")[0] for step in answer.headers["Server-Timing"].split(", ")]
    assert ["auth", "lookup", "provider", "total"] == steps
    assert "no-store" == answer.headers["Cache-Control"]


@pytest.mark.alone
def test_a_live_model_answers_its_own_example(
    system: LocalSystem, client: ApiClient, documented: dict[str, RegisteredVersion]
) -> None:
    """Sent through the API, as the uptime checks do every five minutes."""
    name, checks = "greeter", UptimeChecks(system)
    live = client.wait_until_live(name, documented[name].version)

    report = checks.run()

    assert (None, []) == (report["waiting_for"], report["failed_models"])
    assert wait_for(lambda: bool(checks.lines(name)), timeout_s=60)
    line = checks.lines(name)[-1]
    assert (1, 200, "") == (line["Available"], line["status"], line["code"])
    assert 0 == line["AnswerChanged"]
    assert client.http.get(path_of(name)).json()["deterministic"]
    assert (live["id"], documented[name].version) == (line["deployment"], line["version"])
    assert line["request_id"]


@pytest.mark.concurrent
def test_a_new_version_replaces_the_old_without_a_failed_request(
    client: ApiClient, logged_models: LoggedModels, system: LocalSystem
) -> None:
    """While a client calls in a loop, version 2 takes over and the endpoint of version 1 goes.
    Whoever listens to the stack's events hears of it."""
    name = f"iris-{uuid4().hex[:8]}"
    first = logged_models.first.register(name)
    old = client.wait_until_live(name, first.version)
    events = HeardEvents.of_model(system, name)
    second = logged_models.second.register(name)
    assert "2" == second.version
    versions: list[str] = []

    def old_endpoint_is_gone() -> bool:
        answer = client.predict(name, first.body)
        assert 200 == answer.status_code, answer.text
        version = answer.json()["model_version"]
        assert {"1": first, "2": second}[version].predictions == answer.json()["predictions"]
        versions.append(version)
        return not client.endpoints_of(old)

    assert wait_for(old_endpoint_is_gone, timeout_s=300)
    assert {"1", "2"} == set(versions)
    assert sorted(versions) == versions
    new = client.wait_until_live(name, second.version)
    assert 1 == len(client.endpoints_of(new))
    replaced = client.wait_until_ended(name, "1")
    assert ("stopped", "Replaced by version 2.") == (replaced["status"], replaced["reason"])
    assert wait_for(lambda: bool(events.all()), timeout_s=EVENT_TIMEOUT_S)
    (event,) = [each for each in events.all() if each["detail"]["version"] == second.version]
    EVENTS.validate(event)
    assert ("model.live", new["id"], "1") == (
        event["detail-type"],
        event["detail"]["deployment_id"],
        event["detail"]["replaced_version"],
    )


@pytest.mark.concurrent
def test_a_model_that_cannot_start_fails_with_the_reason(
    client: ApiClient, operator: ApiClient, logged_models: LoggedModels
) -> None:
    """Its endpoint is deleted, and the version that served before still serves. Its container's log
    can still be read."""
    name = f"iris-{uuid4().hex[:8]}"
    good = logged_models.first.register(name)
    operator.wait_until_live(name, good.version)

    failed = client.wait_until_ended(name, register_version(name, logged_models.unloadable))

    assert "failed" == failed["status"]
    assert "the weights are missing" in failed["reason"]
    assert wait_for(lambda: not client.endpoints_of(failed), timeout_s=REMOVAL_TIMEOUT_S)
    log = operator.http.get(f"models/{name}/deployments/{failed['id']}/logs")
    assert (200, "kept") == (log.status_code, log.json()["source"]), log.text
    assert "the weights are missing" in log.json()["log"]
    assert 403 == client.http.get(f"models/{name}/deployments/{failed['id']}/logs").status_code
    assert good.predictions == client.predict(name, good.body).json()["predictions"]


def test_the_log_of_a_running_container_can_be_read(
    operator: ApiClient, documented: dict[str, RegisteredVersion]
) -> None:
    """As it is now."""
    name = "iris classifier"
    live = operator.wait_until_live(name, documented[name].version)

    log = operator.http.get(f"models/{name}/deployments/{live['id']}/logs")

    assert (200, "endpoint") == (log.status_code, log.json()["source"]), log.text
    assert log.json()["log"]
