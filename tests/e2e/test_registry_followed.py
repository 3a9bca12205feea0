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
from tests.e2e.candidates import BODY, DOUBLED
from tests.e2e.client import Client, key_with, soon
from tests.e2e.functions import RECONCILE, Functions
from tests.e2e.provider import Provider

NOT_SERVED = {404, 503}
OPT_OUT = "hokus.deploy"


@dataclass(frozen=True)
class Registry:
    """MLflow, and the address of a good model that was logged there."""

    mlflow: MlflowClient
    good: str

    def register(self, model: str) -> str:
        """The next version of *model*; its number."""
        return candidates.registered(model, self.good)

    def tags(self, model: str, version: str) -> dict[str, str]:
        """What the service has written to the version: `hokus.*`, without the prefix."""
        tags = self.mlflow.get_model_version(model, version).tags
        ours = {name: value for name, value in tags.items() if name.startswith("hokus.")}
        return {name.removeprefix("hokus."): value for name, value in ours.items()}


@pytest.fixture(scope="module")
def registry(system: LocalSystem) -> Registry:
    """With the model logged, not registered."""
    return Registry(MlflowClient(system.mlflow_url), candidates.logged())


@pytest.fixture(scope="module")
def names(registry: Registry, operator: Client) -> Iterator[tuple[str, str]]:
    """Of two models whose first versions are coming up; nothing of them is left in the end."""
    names = f"followed-{uuid4().hex[:6]}", f"opted-{uuid4().hex[:6]}"
    for name in names:
        registry.register(name)
    for name in names:
        operator.wait_until_serving(name, "1")
    yield names
    for name in names:
        operator.undeploy(name)


@pytest.fixture
def model(registry: Registry, operator: Client, names: tuple[str, str]) -> str:
    """The name of a model that serves, whatever the test before has done to it."""
    return _serving(names[0], registry, operator)


@pytest.fixture
def other_model(registry: Registry, operator: Client, names: tuple[str, str]) -> str:
    """Another one, for tests that change it in MLflow."""
    return _serving(names[1], registry, operator)


def _serving(name: str, registry: Registry, operator: Client) -> str:
    if operator.serving(name) is None:
        operator.wait_until_serving(name, registry.register(name))
    return name


@pytest.fixture
def live(operator: Client, model: str) -> dict[str, Any]:
    """The deployment that serves the model."""
    serving = operator.serving(model)
    assert serving is not None
    return serving


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
    system: LocalSystem, client: Client, model: str, live: dict[str, Any]
) -> None:
    """All others are refused, whatever route they try."""
    with Client(system, key=key_with(system, "model:read", "mlflow:read")) as reader:
        answers = [
            reader.redeploy(model, "1"),
            reader.undeploy(model),
            reader.redrive(model, live["id"]),
            reader.reconcile(model),
            reader.reconcile(model, dry_run=True),
        ]

    assert [(403, "forbidden")] * 5 == [(one.status_code, one.json()["code"]) for one in answers]
    assert live == client.serving(model)


def test_endpoints_of_others_are_left_alone(
    system: LocalSystem, operator: Client, provider: Provider, live: dict[str, Any]
) -> None:
    """Another installation's, and a colleague's; also when everything is reconciled."""
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
    functions = aws_client("lambda", system.aws_url)
    answer = functions.invoke(FunctionName=Functions(system).name(RECONCILE), Payload=b"{}")
    report = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, report
    assert 0 == report["failed"], report


def test_a_paused_endpoint_is_resumed(
    operator: Client, provider: Provider, model: str, live: dict[str, Any]
) -> None:
    """It is the same endpoint, and the same deployment."""
    (endpoint,) = operator.endpoints_of(live)
    provider.pause(endpoint)

    assert ["Resume"] == changes(operator, model)
    assert soon(lambda: operator.predict(model, BODY).is_success)
    assert [endpoint] == operator.endpoints_of(live)
    assert_serves(operator, model, live["model_version"])


def test_an_endpoint_that_was_deleted_is_replaced(
    operator: Client, provider: Provider, model: str, live: dict[str, Any]
) -> None:
    """A dry run says so and does nothing; reconciling deploys the version again."""
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
    operator.wait_until_serving(model, live["model_version"], other_than=live["id"])
    assert_serves(operator, model, live["model_version"])


def test_a_registration_that_nobody_heard_of_is_deployed(
    operator: Client, registry: Registry, model: str
) -> None:
    """The webhook was switched off meanwhile."""
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


def test_rolling_back_takes_the_earlier_endpoint_over(
    system: LocalSystem, operator: Client, registry: Registry, model: str, live: dict[str, Any]
) -> None:
    """While it still stands; and the versions' tags say the truth afterwards."""
    earlier = live["model_version"]
    (endpoint,) = operator.endpoints_of(live)
    later = registry.register(model)
    replacing = operator.wait_until_serving(model, later)

    answer = operator.redeploy(model, earlier)
    back = operator.wait_until_serving(model, earlier, other_than=live["id"])

    assert 202 == answer.status_code, answer.text
    steps = {entry["step"]: entry["outcome"] for entry in back["timeline"]}
    assert "took over the endpoint that still stands" == steps["validate"]
    assert not {"package", "create"} & steps.keys()
    assert [endpoint] == operator.endpoints_of(live)
    assert_serves(operator, model, earlier)
    url = f"{system.api_url}/models/{model}/predict"
    expected = {
        earlier: {"status": "deployed", "deployment_id": back["id"], "url": url},
        later: {
            "status": "stopped",
            "deployment_id": replacing["id"],
            "reason": f"Replaced by version {earlier}.",
        },
    }
    assert_told(registry, model, expected)
    assert soon(lambda: not operator.endpoints_of(replacing))
    assert [endpoint] == operator.endpoints_of(live)


def assert_told(registry: Registry, model: str, expected: dict[str, dict[str, str]]) -> None:
    """The versions' tags become the *expected* ones."""
    updated = soon(lambda: expected == {each: registry.tags(model, each) for each in expected})
    assert updated, {each: registry.tags(model, each) for each in expected}


def test_a_failed_deployment_is_redriven(
    system: LocalSystem, operator: Client, provider: Provider, registry: Registry, model: str
) -> None:
    """Nobody had a machine for it, nor when it was tried again by itself; then an operator asks.

    The version's tags say first the one, then the other.
    """
    provider.order_start(model, fail_after_s=0.5, times=2)
    version = registry.register(model)
    failed = operator.wait_until_failed(model, version, times=2)
    assert_told(
        registry,
        model,
        {
            version: {
                "status": "failed",
                "deployment_id": failed["id"],
                "reason": failed["reason"],
            }
        },
    )

    answer = operator.redrive(model, failed["id"])
    redriven = operator.wait_until_serving(model, version)

    assert "not enough hardware capacity" in failed["reason"]
    assert 202 == answer.status_code, answer.text
    assert answer.json()["deployment_id"] == redriven["id"]
    assert_serves(operator, model, version)
    url = f"{system.api_url}/models/{model}/predict"
    expected = {"status": "deployed", "deployment_id": redriven["id"], "url": url}
    assert_told(registry, model, {version: expected})


def test_what_an_operator_undeploys_stays_undeployed(
    operator: Client, model: str, live: dict[str, Any]
) -> None:
    """Though the registry still has it: until somebody registers or redeploys."""
    answer = operator.undeploy(model)

    assert 202 == answer.status_code, answer.text
    assert_undeployed(operator, model, live)
    assert [] == changes(operator, model)
    assert operator.serving(model) is None


def test_opting_out_undeploys_and_opting_in_deploys_again(
    client: Client, registry: Registry, other_model: str
) -> None:
    """By a tag on the only version, with nobody doing anything else."""
    live = client.wait_until_serving(other_model, "1")

    registry.mlflow.set_model_version_tag(other_model, "1", OPT_OUT, "false")
    assert_undeployed(client, other_model, live)
    registry.mlflow.delete_model_version_tag(other_model, "1", OPT_OUT)

    client.wait_until_serving(other_model, "1", other_than=live["id"])
    assert_serves(client, other_model, "1")


def test_a_model_that_was_deleted_is_undeployed(
    operator: Client, registry: Registry, other_model: str
) -> None:
    """No event of MLflow's says so: reconciling finds it."""
    live = operator.serving(other_model)
    assert live is not None
    registry.mlflow.delete_registered_model(other_model)

    assert "Withdraw" in changes(operator, other_model)

    assert_undeployed(operator, other_model, live)
