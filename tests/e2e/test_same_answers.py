"""Models that answer otherwise than when they were verified are seen.

Given a model that answers at random, and one that may sleep and answers otherwise after each start,
when they are registered, then both go live, and the record of the first says that its answers vary.
When callers have woken the second one, then the next run of the uptime checks names it, once. When
such a version has replaced a sound one a moment ago, then that one serves again.
"""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from functions.provision.rollback.asking import CHANGED_ANSWER
from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient, path_of
from tests.e2e.support.doubling_model import BODY, DOUBLED, log_doubling_model, register_version
from tests.e2e.support.followed_models import Registry
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.uptime_checks import UptimeChecks
from tests.e2e.support.waiting import eventually

pytestmark = pytest.mark.long
KINDS = ("AnswersAtRandom", "AnswersOtherwiseAfterAStart")


@pytest.fixture(scope="module")
def names(operator: ApiClient) -> dict[str, str]:
    """Names of the models by their classes; all are live."""
    found = {kind: f"{kind.lower()}-{uuid4().hex[:6]}" for kind in KINDS}
    for kind, name in found.items():
        uri = log_doubling_model(kind)
        register_version(name, uri, {"hokus.min_replicas": "0"})
    for name in found.values():
        operator.wait_until_serving(name, "1")
    return found


def described(client: ApiClient, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.http.get(path_of(name)).raise_for_status().json()
    return answer


def test_answers_that_vary_are_noted(client: ApiClient, names: dict[str, str]) -> None:
    """The model serves all the same."""
    shown = described(client, names["AnswersAtRandom"])

    (verified,) = [
        each["outcome"] for each in shown["deployments"][0]["timeline"] if each["step"] == "verify"
    ]
    assert "its answers are not deterministic" in verified
    assert shown["deterministic"] is False


def test_a_model_that_was_woken_and_answers_otherwise_is_named_once(
    client: ApiClient,
    operator: ApiClient,
    provider: ProviderConsole,
    system: LocalSystem,
    names: dict[str, str],
) -> None:
    """The checks wake nobody: they come after callers, and once."""
    name, checks = names["AnswersOtherwiseAfterAStart"], UptimeChecks(system)
    assert described(client, name)["deterministic"]
    serving = operator.serving_deployment(name)
    assert serving
    (endpoint,) = operator.endpoints_of(serving)

    provider.scale_to_zero(endpoint)
    assert name not in checks.run()["answer_changed_models"]
    assert [] == provider.unanswered_call_times(endpoint)
    assert eventually(lambda: client.predict(name, BODY).status_code == httpx.codes.OK)

    assert [name] == checks.run()["answer_changed_models"]
    assert [] == checks.run()["answer_changed_models"]


def test_a_new_version_that_answers_otherwise_is_taken_back(
    operator: ApiClient, provider: ProviderConsole, registry: Registry
) -> None:
    """Within the rollback window; the version before answers as it did."""
    name = f"changing-{uuid4().hex[:6]}"
    registry.register(name)
    operator.wait_until_serving(name, "1")
    version = register_version(name, log_doubling_model("AnswersOtherwiseAfterAStart"))
    changing = operator.wait_until_serving(name, version)
    (endpoint,) = operator.endpoints_of(changing)

    provider.scale_to_zero(endpoint)
    assert eventually(lambda: operator.predict(name, BODY).status_code == httpx.codes.OK)

    operator.wait_until_serving(name, "1")
    failed = operator.wait_until_ended(name, version)
    assert CHANGED_ANSWER in failed["reason"]
    assert eventually(lambda: operator.predict(name, BODY).json().get("predictions") == DOUBLED)
