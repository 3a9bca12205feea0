"""`GET …/deployments/{deployment_id}/logs`: the container's own log, for keys that may deploy."""

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import ProviderRefusedError, ProviderUnavailableError
from tests.builders import NOON, a_deployment, changed
from tests.events import event
from tests.unit.operate.operating import FAILED, LIVE, Operating

ENDPOINT = "hokus-iris-0123abcd"


def path_of(id_: str, model: str = "iris") -> str:
    return f"/api/v1/models/{model}/deployments/{id_}/logs"


def having(operating: Operating, deployment: Deployment, **values: object) -> Deployment:
    """Give *deployment* an endpoint and *values*."""
    found = changed(deployment, endpoint_name=ENDPOINT, endpoint_secret="wxyz-0123", **values)
    operating.store.deployments[found.id] = found
    return found


def test_the_log_of_an_endpoint_is_shown_without_secrets(operating: Operating) -> None:
    """Those that we know, and those that look like one."""
    having(operating, LIVE)
    operating.logs.logs[ENDPOINT] = "- t started\n- t got wxyz-0123 with Bearer abcdefghijkl\n"

    status, answer = operating.call("GET", path_of(LIVE.id))

    assert 200 == status
    assert {
        "model_id": "iris",
        "deployment_id": LIVE.id,
        "source": "endpoint",
        "kept_at": None,
        "log": "- t started\n- t got … with …\n",
    } == answer


@pytest.mark.parametrize("removed", [True, False])
def test_the_log_of_a_failed_deployment_outlives_its_endpoint(
    operating: Operating, removed: bool
) -> None:
    """Also while the record does not say yet that the endpoint is gone."""
    having(operating, FAILED, removed=removed)
    operating.kept_logs.keep("iris", FAILED.id, "- t No module named torch\n")

    status, answer = operating.call("GET", path_of(FAILED.id))

    assert (200, "kept", "- t No module named torch\n") == (status, answer["source"], answer["log"])
    assert "2026-11-22T12:00:00.000000Z" == answer["kept_at"]


@pytest.mark.parametrize("error", [ProviderUnavailableError("no"), ProviderRefusedError("no")])
def test_a_provider_that_does_not_answer_hides_no_kept_log(
    operating: Operating, error: ProviderUnavailableError | ProviderRefusedError
) -> None:
    """Without one the answer is 503: another try can help."""
    having(operating, FAILED)
    operating.logs.error = error
    assert 503 == operating.call("GET", path_of(FAILED.id))[0]

    operating.kept_logs.keep("iris", FAILED.id, "text")

    assert (200, "text") == (
        operating.call("GET", path_of(FAILED.id))[0],
        operating.call("GET", path_of(FAILED.id))[1]["log"],
    )


def test_an_endpoint_that_another_deployment_has_taken_is_not_asked(operating: Operating) -> None:
    """Its log is that one's."""
    stopped = a_deployment(model_version="7", status=Status.STOPPED, requested_at=NOON)
    having(operating, stopped, handed_to=LIVE.id)
    operating.logs.logs[ENDPOINT] = "another's"

    assert 404 == operating.call("GET", path_of(stopped.id))[0]


@pytest.mark.parametrize(
    "path",
    [path_of(FAILED.id), path_of(LIVE.id, "wine"), path_of("live"), path_of("target")],
)
def test_without_a_log_the_answer_is_404(operating: Operating, path: str) -> None:
    """The deployment has never had an endpoint, or there is no such deployment."""
    status, answer = operating.call("GET", path)

    assert (404, "not_found") == (status, answer["code"])


def test_a_key_without_a_write_scope_is_refused(operating: Operating) -> None:
    """The model's code may have written what callers sent."""
    having(operating, LIVE)
    operating.logs.logs[ENDPOINT] = "text"
    recorded = event("operations")["requestContext"]
    reader = recorded | {"authorizer": recorded["authorizer"] | {"scopes": "model:read"}}

    assert 403 == operating.call("GET", path_of(LIVE.id), requestContext=reader)[0]
