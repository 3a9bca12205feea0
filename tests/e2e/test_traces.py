"""No secret and nothing of a caller's or a model's is repeated where it must not be.

Given all that the other tests have sent, with canaries in headers, bodies, keys and files, when all
logs, metrics, histories, records, tags, settings, published files, command lines and answers are
searched, then no secret is in any of them, and a canary only where it must be.
"""

import pytest

from infra.local.system import LocalSystem
from tests.canaries import traces
from tests.e2e.support import canaries
from tests.e2e.support.written import Written, deployment_ids, endpoint_secrets, everything

pytestmark = pytest.mark.at_the_end

_FILES = "The package that the endpoint serves is made of the model's files."
MAY_SHOW = {
    ("example", "deployments"): "The record holds the example that callers are shown.",
    ("example", "answer"): "GET /models/{model_id} shows the model's example.",
    ("body", "answer"): "A model that repeats its input, or quotes it, answers its sender.",
    ("number of an answer", "answer"): "A prediction goes to its caller.",
    ("MLmodel", "published"): _FILES,
    ("requirement", "published"): _FILES,
    ("code", "published"): _FILES,
    ("weights", "published"): _FILES,
    ("example", "published"): _FILES,
}
"""Where a canary must be found: what holds it, the kind of place, and the reason."""


@pytest.fixture(scope="module")
def written(system: LocalSystem, command_lines: set[str]) -> list[Written]:
    return list(everything(system, command_lines))


def places_of(texts: set[str], written: list[Written]) -> set[str]:
    """Return the kinds of the places in which any of *texts* is found."""
    return {each.kind for each in written if any(text in each.text for text in texts)}


def test_the_search_finds_what_must_be_there(system: LocalSystem, written: list[Written]) -> None:
    """The ids of deployments in every place, and metrics among the logs."""
    found = places_of(deployment_ids(system), written)

    assert found >= {"log", "history", "deployments", "tag", "answer"}
    assert "metric" in places_of({'"Latency"'}, written)
    assert "command line" in places_of({"standins.huggingface"}, written)
    assert "configuration" in places_of({"HUGGINGFACE_TOKEN_SECRET"}, written)


def test_no_secret_is_anywhere(system: LocalSystem, written: list[Written]) -> None:
    """Neither as it is, nor its half, nor in base64."""
    secrets = {
        "API key": system.api_key,
        "operator's key": system.operator_key,
        "owner's token": system.huggingface_token,
        **system.service_tokens,
        "MLflow's password": system.mlflow_password,
        "webhook secret": system.webhook_secret,
        **endpoint_secrets(system),
    }
    assert len(secrets) > 7 + len(deployment_ids(system)) / 4

    assert [] == [
        f"{what} in the {each.kind} {each.place}"
        for what, secret in secrets.items()
        for shown in [traces(secret)]
        for each in written
        if any(text in each.text for text in shown)
    ]


def test_canaries_are_where_they_must_be_and_nowhere_else(written: list[Written]) -> None:
    """As the table above says, with a reason for each place."""
    found = {
        (what, kind)
        for what, canary in canaries.SENT.items()
        for kind in places_of({canary}, written)
    }

    assert sorted(MAY_SHOW) == sorted(found)
