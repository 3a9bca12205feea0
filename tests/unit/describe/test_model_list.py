"""`GET /models`: the list of models, page by page."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.common.api.gateway_event import is_possible_name
from functions.common.deployments.desired import DesiredDeployment
from functions.common.errors import InvalidRequestError
from functions.describe.paging import cursor_after, place_before
from tests.builders import NOON, a_deployment, set_desired
from tests.unit.describe.describing import API_URL, LIVE, Describing


def request(api: Describing, *names: str) -> None:
    for name in names:
        deployment = a_deployment(model_id=name)
        set_desired(api.store, deployment)
        api.store.add(deployment)


def pages(api: Describing, **query: str) -> list[list[str]]:
    """Return the names of every page, by following the cursors."""
    found: list[list[str]] = []
    cursor: dict[str, str] = {}
    while True:
        status, answer = api.get("/models", **query, **cursor)
        assert 200 == status, answer
        found.append([each["model_id"] for each in answer["models"]])
        if "next_cursor" not in answer:
            return found
        cursor = {"cursor": answer["next_cursor"]}


def test_an_entry_says_what_serves_and_where_to_go(api: Describing) -> None:
    """It has these fields and nothing of the provider's."""
    assert (
        200,
        {
            "models": [
                {
                    "model_id": "iris",
                    "status": "deployed",
                    "model_version": "1",
                    "updated_at": "2026-11-22T12:00:00.000000Z",
                    "links": {
                        "self": f"{API_URL}/models/iris",
                        "predict": f"{API_URL}/models/iris/predict",
                        "openapi": f"{API_URL}/models/iris/openapi.json",
                    },
                }
            ]
        },
    ) == api.get("/models")


def test_links_are_percent_encoded(api: Describing) -> None:
    """Clients can follow them unchanged."""
    request(api, "Grüße an 100%")

    links = api.get("/models")[1]["models"][0]["links"]

    assert f"{API_URL}/models/Gr%C3%BC%C3%9Fe%20an%20100%25" == links["self"]


def test_an_undeployed_model_stays_in_the_list(api: Describing) -> None:
    """It has no version."""
    later = NOON + timedelta(hours=1)
    standing = api.store.desired("iris")
    nothing = DesiredDeployment(
        model_id="iris", deployment_id=None, model_version=None, requested_at=later
    )
    api.store.set_desired(nothing, expected=standing)
    api.store.undeploy(LIVE, reason="Undeployed.")

    (entry,) = api.get("/models")[1]["models"]

    assert ("stopped", None) == (entry["status"], entry["model_version"])


def test_cursors_lead_through_all_models(api: Describing) -> None:
    """Every model comes once, in the order of names."""
    request(api, "wine", "a", "Grüße", "z")

    assert [["Grüße", "a"], ["iris", "wine"], ["z"]] == pages(api, limit="2")


def test_a_page_has_fifty_models_by_default(api: Describing) -> None:
    """It has a hundred at most."""
    request(api, *(f"model-{number:03}" for number in range(120)))

    assert [50, 50, 21] == [len(page) for page in pages(api)]
    assert [100, 21] == [len(page) for page in pages(api, limit="100")]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=256).filter(is_possible_name))
def test_a_cursor_leads_behind_its_model(name: str) -> None:
    """Any name survives, in characters that need no encoding in an address."""
    cursor = cursor_after(name)

    assert name == place_before(cursor, is_place=is_possible_name)
    assert set() == set(cursor) - set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    )


@given(st.text(max_size=40))
def test_what_is_no_cursor_is_never_read_as_one(text: str) -> None:
    """A text is refused, or it is the very cursor that the list would return."""
    try:
        name: Any = place_before(text, is_place=is_possible_name)
    except InvalidRequestError:
        return

    assert text == cursor_after(name)
