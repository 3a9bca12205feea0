"""A model that MLflow knows only by reference is served from its own Hub repository.

Given a text classifier in a Hub repository, when a reference to its branch `main` is registered in
MLflow, then the endpoint runs that repository at the commit that the branch named, nothing is
copied, and the API predicts with it.
"""

from pathlib import Path
from uuid import uuid4

from infra.local.system import LocalSystem
from tests.e2e.support import hub_reference_model
from tests.e2e.support.api_client import ApiClient


def test_a_reference_is_served_from_its_own_repository(
    system: LocalSystem, client: ApiClient, tmp_path: Path
) -> None:
    """The endpoint has the referenced repository, commit and task."""
    name = f"moods-{uuid4().hex[:8]}"
    repository, commit = hub_reference_model.publish(system)
    version = hub_reference_model.register(name, repository, tmp_path)
    deployment = client.wait_until_live(name, version)

    answer = client.predict(name, hub_reference_model.EXAMPLE)

    expected = (200, hub_reference_model.PREDICTIONS)
    assert expected == (answer.status_code, answer.json()["predictions"])
    (endpoint,) = client.endpoints_of(deployment)
    model = client.endpoints()[endpoint]["model"]
    assert (repository, commit) == (model["repository"], model["revision"])
    assert "text-classification" == model["task"]
