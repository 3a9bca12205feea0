"""What serves follows what MLflow and the operators say, however much was missed or broken."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from mlflow import MlflowClient

from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.e2e import candidates
from tests.e2e.candidates import BODY, CANDIDATES, DOUBLED
from tests.e2e.client import DEPLOYMENT_TIMEOUT_S, Client, key_with, soon
from tests.e2e.functions import Functions
from tests.e2e.provider import Provider

NOT_SERVED = {404, 503}
OPT_OUT = "hokus.deploy"
BAD = next(candidate for candidate in CANDIDATES if candidate.name == "500 after ready")
MODELS = ("opting-out", "deleted", "lost-hook", "repaired", "paused", "rolled", "redriven")
"""One for each test that changes what serves; at most 10 letters, for their endpoints' names."""


@dataclass(frozen=True)
class Registry:
    """MLflow, and a good and a bad model that were logged there."""

    mlflow: MlflowClient
    good: str
    bad: str

    def register(self, model: str, *, bad: bool = False) -> str:
        """The next version of *model*; its number."""
        return candidates.registered(model, self.bad if bad else self.good)

    def tags(self, model: str, version: str) -> dict[str, str]:
        """What the service has written to the version: `hokus.*`, without the prefix."""
        tags = self.mlflow.get_model_version(model, version).tags
        ours = {name: value for name, value in tags.items() if name.startswith("hokus.")}
        return {name.removeprefix("hokus."): value for name, value in ours.items()}


@pytest.fixture(scope="module")
def registry(system: LocalSystem) -> Registry:
    """With the two models logged, not registered."""
    client = MlflowClient(system.mlflow_url)
    return Registry(client, candidates.logged(), candidates.logged(BAD))


@pytest.fixture(scope="module")
def names(registry: Registry, operator: Client) -> Iterator[dict[str, str]]:
    """The models' names by what they are for; all are registered, and coming up at once."""
    names = {purpose: f"{purpose}-{uuid4().hex[:6]}" for purpose in MODELS}
    for name in names.values():
        registry.register(name)
    yield names
    for name in names.values():
        operator.undeploy(name)


def changes(client: Client, model: str, *, dry_run: bool = False) -> list[str]:
    """What reconciling the model now has changed, or would."""
    report = client.reconcile(model, dry_run=dry_run).raise_for_status().json()
    assert (dry_run, 0) == (report["dry_run"], report["failed"]), report
    return [change["change"] for change in report["changes"]]


def assert_serves(client: Client, model: str, version: str) -> None:
    """That version predicts, and it is right."""
    answer = client.predict(model, BODY)
    assert 200 == answer.status_code, answer.text
    assert (version, DOUBLED) == (answer.json()["model_version"], answer.json()["predictions"])


def assert_undeployed(client: Client, model: str, deployment: dict[str, Any]) -> None:
    """Predictions stop soon, and the endpoint goes when its last users have left."""
    stopped = soon(lambda: client.predict(model, BODY).status_code in NOT_SERVED)
    assert stopped, client.http.get(f"models/{model}").text
    assert soon(lambda: not client.endpoints_of(deployment))
    assert client.predict(model, BODY).status_code in NOT_SERVED


def test_only_keys_that_may_write_operate(
    system: LocalSystem, client: Client, names: dict[str, str]
) -> None:
    """All others are told so, whatever route they try."""
    model = names["redriven"]
    with Client(system, key=key_with(system, "model:read", "mlflow:read")) as reader:
        answers = [
            reader.redeploy(model, "1"),
            reader.undeploy(model),
            reader.redrive(model, str(uuid4())),
            reader.reconcile(model),
            reader.reconcile(model, dry_run=True),
        ]

    assert [(403, "forbidden")] * 5 == [(one.status_code, one.json()["code"]) for one in answers]
    client.wait_until_serving(model, "1")


def test_opting_out_undeploys_and_opting_in_deploys_again(
    client: Client, registry: Registry, names: dict[str, str]
) -> None:
    """By a tag on the only version, with nobody doing anything else."""
    model = names["opting-out"]
    live = client.wait_until_serving(model, "1")

    registry.mlflow.set_model_version_tag(model, "1", OPT_OUT, "false")
    assert_undeployed(client, model, live)
    registry.mlflow.delete_model_version_tag(model, "1", OPT_OUT)

    client.wait_until_serving(model, "1", other_than=live["id"])
    assert_serves(client, model, "1")


def test_a_model_that_was_deleted_is_undeployed(
    operator: Client, registry: Registry, names: dict[str, str]
) -> None:
    """No event of MLflow's says so: reconciling finds it."""
    model = names["deleted"]
    live = operator.wait_until_serving(model, "1")
    registry.mlflow.delete_registered_model(model)

    assert "Withdraw" in changes(operator, model)

    assert_undeployed(operator, model, live)


def test_a_registration_that_nobody_heard_of_is_deployed(
    operator: Client, registry: Registry, names: dict[str, str]
) -> None:
    """The webhook was switched off meanwhile."""
    model = names["lost-hook"]
    operator.wait_until_serving(model, "1")
    webhook = registry.mlflow.list_webhooks()[0]
    registry.mlflow.update_webhook(webhook.webhook_id, status="DISABLED")
    try:
        version = registry.register(model)
    finally:
        registry.mlflow.update_webhook(webhook.webhook_id, status="ACTIVE")
    unheard = operator.deployment(model, version)

    made = changes(operator, model)

    assert unheard is None
    assert "Deploy" in made
    operator.wait_until_serving(model, version)
    assert_serves(operator, model, version)


def test_an_endpoint_that_was_deleted_is_replaced(
    operator: Client, provider: Provider, names: dict[str, str]
) -> None:
    """A dry run says so and does nothing; reconciling deploys the version again."""
    model = names["repaired"]
    live = operator.wait_until_serving(model, "1")
    (endpoint,) = operator.endpoints_of(live)
    provider.delete(endpoint)
    assert soon(lambda: provider.describe(endpoint) is None)
    before = operator.http.get(f"models/{model}").json()

    said = changes(operator, model, dry_run=True)
    after_dry_run = operator.http.get(f"models/{model}").json()
    done = changes(operator, model)

    assert before == after_dry_run
    assert "Deploy" in said
    assert set(said) <= set(done)
    operator.wait_until_serving(model, "1", other_than=live["id"])
    assert_serves(operator, model, "1")


def test_a_paused_endpoint_is_resumed(
    operator: Client, provider: Provider, names: dict[str, str]
) -> None:
    """It is the same endpoint, and the same deployment."""
    model = names["paused"]
    live = operator.wait_until_serving(model, "1")
    (endpoint,) = operator.endpoints_of(live)
    provider.pause(endpoint)
    paused = operator.predict(model, BODY)

    done = changes(operator, model)

    assert 503 == paused.status_code
    assert ["Resume"] == done
    again = soon(lambda: operator.predict(model, BODY).is_success, timeout_s=DEPLOYMENT_TIMEOUT_S)
    assert again
    assert [endpoint] == operator.endpoints_of(live)
    assert_serves(operator, model, "1")


def test_endpoints_of_others_are_left_alone(
    system: LocalSystem, operator: Client, provider: Provider, names: dict[str, str]
) -> None:
    """Another installation's, and a colleague's; also when everything is reconciled."""
    live = operator.wait_until_serving(names["paused"], "1")
    (like,) = operator.endpoints_of(live)
    others = {
        f"hokus-other-{uuid4().hex[:8]}": ["hokus", "hokus-installation-other"],
        f"somebodys-{uuid4().hex[:8]}": [],
    }
    for name, tags in others.items():
        provider.create(name, like=like, tags=tags)

    reconcile_everything(system)

    assert others.keys() <= operator.endpoints().keys()
    for name in others:
        provider.delete(name)


def reconcile_everything(system: LocalSystem) -> None:
    """What the schedule does."""
    name = Functions(system).name("functions.provision.reconcile_handler.lambda_handler")
    answer = aws_client("lambda", system.aws_url).invoke(FunctionName=name, Payload=b"{}")
    report = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, report
    assert 0 == report["failed"], report


def test_rolling_back_takes_the_earlier_endpoint_over(
    system: LocalSystem, operator: Client, registry: Registry, names: dict[str, str]
) -> None:
    """While it still stands; and the versions' tags say the truth all the while."""
    model = names["rolled"]
    first = operator.wait_until_serving(model, "1")
    (endpoint,) = operator.endpoints_of(first)
    version = registry.register(model)
    second = operator.wait_until_serving(model, version)

    answer = operator.redeploy(model, "1")
    back = operator.wait_until_serving(model, "1", other_than=first["id"])

    assert 202 == answer.status_code, answer.text
    assert "adopted" in {entry["step"]: entry["outcome"] for entry in back["timeline"]}["validate"]
    assert [endpoint] == operator.endpoints_of(first)
    assert_serves(operator, model, "1")
    url = f"{system.api_url}/models/{model}/predict"
    expected = {
        "1": {"status": "deployed", "deployment_id": back["id"], "url": url},
        version: {
            "status": "stopped",
            "deployment_id": second["id"],
            "reason": "Replaced by version 1.",
        },
    }
    told = soon(lambda: expected == {each: registry.tags(model, each) for each in expected})
    assert told, {each: registry.tags(model, each) for each in expected}
    assert soon(lambda: not operator.endpoints_of(second))
    assert [endpoint] == operator.endpoints_of(first)


def test_a_failed_deployment_is_redriven(
    operator: Client, provider: Provider, registry: Registry, names: dict[str, str]
) -> None:
    """When its cause has passed; the version's tags say first the one, then the other."""
    model = names["redriven"]
    operator.wait_until_serving(model, "1")
    provider.order_start(model, fail_after_s=0.5)
    version = registry.register(model)
    failed = operator.wait_until_ended(model, version)
    told_failure = soon(lambda: registry.tags(model, version).get("status") == "failed")
    tags = registry.tags(model, version)

    answer = operator.redrive(model, failed["id"])
    operator.wait_until_serving(model, version)

    assert ("failed", True) == (failed["status"], told_failure)
    assert (failed["reason"], failed["id"]) == (tags["reason"], tags["deployment_id"])
    assert "url" not in tags
    assert 202 == answer.status_code, answer.text
    assert_serves(operator, model, version)
    told_success = soon(lambda: registry.tags(model, version).get("status") == "deployed")
    assert told_success, registry.tags(model, version)
    assert "reason" not in registry.tags(model, version)


def test_what_an_operator_undeploys_stays_undeployed(
    operator: Client, names: dict[str, str]
) -> None:
    """Though the registry still has it: until somebody registers or redeploys."""
    model = names["paused"]
    live = operator.wait_until_serving(model, "1")

    answer = operator.undeploy(model)

    assert 202 == answer.status_code, answer.text
    assert_undeployed(operator, model, live)
    assert "Deploy" not in changes(operator, model)
    assert operator.serving(model) is None
    assert 202 == operator.redeploy(model, "1").status_code
    operator.wait_until_serving(model, "1", other_than=live["id"])
