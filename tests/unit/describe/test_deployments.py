"""`GET /models/{model_id}/deployments/{deployment_id}`: one deployment, to wait for it."""

from datetime import timedelta

import pytest

from functions.common.deployments.items import DESIRED
from functions.common.deployments.items import LIVE as LIVE_ITEM
from functions.common.deployments.record import Status, TimelineEntry
from tests.builders import NOON, a_deployment
from tests.events import event
from tests.unit.describe.describing import LIVE, Describing

COMING = a_deployment(
    model_version="2",
    requested_at=NOON + timedelta(hours=1),
    timeline=(TimelineEntry(step="validate", time=NOON, outcome="valid"),),
)


def test_a_deployment_is_shown_as_on_the_page_of_its_model(api: Describing) -> None:
    """Also one that serves, or has failed, while another is the newest."""
    failed = a_deployment(model_version="3", status=Status.FAILED, reason="No.", retryable=True)
    for deployment in (COMING, failed):
        api.store.add(deployment)
    _, model = api.get("/models/iris")

    for entry in model["deployments"]:
        path = f"/models/iris/deployments/{entry['id']}"
        assert (200, {"model_id": "iris", **entry}) == api.get(path)
    assert 3 == len(model["deployments"])


def test_a_deployment_is_shown_as_it_is_now(api: Describing) -> None:
    """A client that waits sees each change at once."""
    api.store.add(COMING)
    path = f"/models/iris/deployments/{COMING.id}"
    assert "deploying" == api.get(path)[1]["status"]

    api.store.deployments[COMING.id] = a_deployment(
        model_version="2", requested_at=COMING.requested_at, status=Status.FAILED, reason="No."
    )

    _, answer = api.get(path)
    assert ("failed", "No.") == (answer["status"], answer["reason"])


@pytest.mark.parametrize(
    "path",
    [
        f"/models/iris/deployments/{COMING.id}",
        f"/models/other/deployments/{LIVE.id}",
        f"/models/iris/deployments/{LIVE.id.upper()}",
        f"/models/iris/deployments/{LIVE_ITEM}",
        f"/models/iris/deployments/{DESIRED}",
        "/models/iris/deployments/usd%232026-11",
    ],
)
def test_an_unknown_deployment_is_404(api: Describing, path: str) -> None:
    """Nothing else that is kept of the model is shown, and no other model's deployment."""
    status, answer = api.get(path)

    assert (404, "not_found") == (status, answer["code"])


def test_any_key_may_read_it_and_nobody_without_one(api: Describing) -> None:
    """As with `GET /models/{model_id}`."""
    path = f"/models/iris/deployments/{LIVE.id}"
    recorded = event("describe")["requestContext"]
    reader = recorded | {"authorizer": recorded["authorizer"] | {"scopes": "model:read"}}

    assert 200 == api.call(path, requestContext=reader)[0]
    assert 401 == api.call(path, requestContext=recorded | {"authorizer": None})[0]
