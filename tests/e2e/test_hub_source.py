"""Models whose files stay where they are."""

from pathlib import Path
from uuid import uuid4

from infra.local.system import LocalSystem
from tests.e2e import hub_source
from tests.e2e.client import Client


def test_a_reference_is_served_from_its_own_repository(
    system: LocalSystem, client: Client, tmp_path: Path
) -> None:
    """At the commit that its branch named then, without a repository of ours."""
    name = f"moods-{uuid4().hex[:8]}"
    repository, commit = hub_source.publish(system)
    version = hub_source.register(name, repository, tmp_path)

    deployment = client.wait_until_live(name, version)

    answer = client.predict(name, hub_source.EXAMPLE)
    assert (200, hub_source.PREDICTIONS) == (answer.status_code, answer.json()["predictions"])
    (endpoint,) = client.endpoints_of(deployment)
    model = client.endpoints()[endpoint]["model"]
    assert (repository, commit) == (model["repository"], model["revision"])
    assert "text-classification" == model["task"]
