"""The stand-in's control API answers and refuses as Hugging Face's does."""

from typing import Any

import pytest

from tests.local.stand_in import StandIn, create_body

ENDPOINTS = "/v2/endpoint/alice"


def create_body_with(path: str, value: Any) -> dict[str, Any]:
    """Return the body of a create with the field at the dotted *path* set to *value*."""
    body = create_body()
    *parents, last = path.split(".")
    place = body
    for parent in parents:
        place = place[parent]
    place[last] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "status", "text"),
    [
        ("name", "Upper", 400, "Invalid endpoint name"),
        ("name", "a" * 33, 400, "Invalid endpoint name"),
        ("name", "-a", 400, "Invalid endpoint name"),
        (
            "compute.instanceType",
            "c6i",
            400,
            "Instance compute 'Cpu' - 'c6i' - 'x2' in 'aws' - 'us-east-1' not found",
        ),
        ("compute.instanceType", "intel-icl", 400, "not found"),
        ("compute.scaling.scaleToZeroTimeout", 14, 400, "must be between 15 and 2880 minutes"),
        ("compute.scaling.scaleToZeroTimeout", 2881, 400, "must be between 15 and 2880 minutes"),
        ("compute.scaling.minReplica", 2, 400, "minReplica"),
        (
            "model.task",
            None,
            400,
            "Failed to parse the request body as JSON: model.task: expected value",
        ),
        ("model.task", "cooking", 422, "model.task"),
        ("model.secrets", None, 422, "model.secrets"),
        ("model.image", {"tgi": {}}, 400, "serves `image.huggingface` and `image.custom` only"),
        ("model.image", {"huggingface": {}, "custom": {"url": "box"}}, 422, "one kind of image"),
        ("model.image", {"custom": {"port": 80}}, 422, "model.image.custom.url"),
        ("model.image", {"custom": {"url": "box", "port": "80"}}, 422, "custom.port"),
        ("model.command", "sh start.sh", 422, "model.command"),
        ("model.repository", "alice/none", 400, "Repository 'alice/none' not found"),
        ("model.revision", "none", 400, "Revision 'none' not found in 'alice/iris'"),
        ("type", "secret", 422, "type"),
    ],
)
def test_an_invalid_create_is_refused(
    stand_in: StandIn, path: str, value: Any, status: int, text: str
) -> None:
    """Every rule has its status and message, and no endpoint is created."""
    answer = stand_in.http.post(ENDPOINTS, json=create_body_with(path, value))

    assert status == answer.status_code
    assert text in answer.json()["error"]
    assert [] == stand_in.http.get(ENDPOINTS).json()["items"]


def test_a_missing_field_is_named(stand_in: StandIn) -> None:
    """A body without a required field is 422 with the field's path."""
    body = create_body()
    del body["compute"]["scaling"]

    answer = stand_in.http.post(ENDPOINTS, json=body)

    assert 422 == answer.status_code
    assert "compute.scaling" in answer.json()["error"]


def test_a_new_endpoint_is_described_completely(stand_in: StandIn) -> None:
    """It is pending, without an address; its revision is a SHA, its times have nanoseconds."""
    shown = stand_in.create(secrets={"S": "hidden"}, env={"A": "b"})

    assert {
        "state": "pending",
        "message": "Endpoint waiting to be scheduled",
        "url": None,
        "private": None,
        "readyReplica": 0,
        "targetReplica": 1,
        "createdAt": "2026-11-18T11:06:40.123456789Z",
        "updatedAt": "2026-11-18T11:06:40.123456789Z",
    }.items() <= shown["status"].items()
    assert {
        "repository": "alice/iris",
        "framework": "custom",
        "task": "custom",
        "image": {"huggingface": {}},
        "revision": stand_in.sha(),
        "env": {"A": "b"},
        "secrets": {"S": "***"},
    } == shown["model"]
    assert {"name", "type", "healthRoute", "tags", "notifications"} <= shown.keys()


def test_a_name_is_free_after_the_deletion_has_ended(stand_in: StandIn) -> None:
    """A second create is 409, also while the first endpoint is being deleted."""
    stand_in.create()
    taken = stand_in.http.post(ENDPOINTS, json=create_body())
    stand_in.http.delete(f"{ENDPOINTS}/m1")
    deleting = stand_in.http.post(ENDPOINTS, json=create_body())
    stand_in.clock.advance(1)
    free = stand_in.http.post(ENDPOINTS, json=create_body())

    assert [409, 409, 200] == [taken.status_code, deleting.status_code, free.status_code]
    assert {"error": "An endpoint with the same name already exists"} == taken.json()


def test_a_list_has_pages_of_twenty(stand_in: StandIn) -> None:
    """Following the cursor lists each endpoint once."""
    names = [f"m{n}" for n in range(45)]
    for name in names:
        stand_in.create(name)

    seen, sizes, cursor = [], [], ""
    while True:
        page = stand_in.http.get(ENDPOINTS, params={"cursor": cursor}).json()
        sizes.append(len(page["items"]))
        seen += [item["name"] for item in page["items"]]
        if not (cursor := page.get("nextCursor", "")):
            break

    assert [20, 20, 5] == sizes
    assert names == seen


@pytest.mark.parametrize(("limit", "sizes"), [("100", [45]), ("30", [30, 15]), ("0", [20, 20, 5])])
def test_the_length_of_a_page_can_be_set(stand_in: StandIn, limit: str, sizes: list[int]) -> None:
    """It counts after filtering by tags; an invalid length means twenty."""
    for n in range(90):
        tags = ["hokus"] if n % 2 else []
        stand_in.http.post(ENDPOINTS, json={**create_body(f"m{n}"), "tags": tags})
    query = {"tags": "hokus", "limit": limit}

    pages = [stand_in.http.get(ENDPOINTS, params=query).json()]
    while cursor := pages[-1].get("nextCursor"):
        pages.append(stand_in.http.get(ENDPOINTS, params={**query, "cursor": cursor}).json())

    assert sizes == [len(page["items"]) for page in pages]
    names = [item["name"] for page in pages for item in page["items"]]
    assert [f"m{n}" for n in range(90) if n % 2] == names


def test_a_list_is_filtered_by_tags(stand_in: StandIn) -> None:
    """All tags must be there."""
    for name, tags in (("one", ["x", "y"]), ("two", ["x"])):
        stand_in.http.post(ENDPOINTS, json={**create_body(name), "tags": tags})

    found = stand_in.http.get(ENDPOINTS, params={"tags": "x,y"}).json()["items"]

    assert ["one"] == [item["name"] for item in found]


def test_tokens_are_checked_before_anything_else(stand_in: StandIn) -> None:
    """No token is 401, a missing permission 403 with its name, another namespace 404."""
    reader = {"token": "hf_reader", "name": "alice", "permissions": ["inference.endpoints.read"]}
    stand_in.http.post("/_standin/tokens", json=reader)
    header = {"authorization": "Bearer hf_reader"}

    nobody = stand_in.http.get(ENDPOINTS, headers={"authorization": "Bearer wrong"})
    may_read = stand_in.http.get(ENDPOINTS, headers=header)
    may_not = stand_in.http.post(ENDPOINTS, json=create_body(), headers=header)
    foreign = stand_in.http.get("/v2/endpoint/bob")

    statuses = [one.status_code for one in (nobody, may_read, may_not, foreign)]
    assert [401, 200, 403, 404] == statuses
    assert {"error": "missing permissions: inference.endpoints.write"} == may_not.json()


def test_hardware_has_prices_and_a_quota(stand_in: StandIn) -> None:
    """The quota counts the CPUs of the namespace's endpoints."""
    stand_in.create()

    body = stand_in.http.get("/v2/provider/alice").json()

    computes = body["vendors"][0]["regions"][0]["computes"]
    x2 = next(each for each in computes if each["id"] == "aws-us-east-1-intel-spr-x2")
    assert (0.067, 4.0) == (x2["pricePerHour"], x2["memoryGb"])
    assert {"maxAccelerators": 60, "usedAccelerators": 2} == x2["quota"]


def test_anybody_may_read_the_prices(stand_in: StandIn) -> None:
    """Without a token; the quota is a placeholder."""
    request = stand_in.http.build_request("GET", "/v2/provider")
    del request.headers["Authorization"]
    answer = stand_in.http.send(request)

    computes = answer.json()["vendors"][0]["regions"][0]["computes"]
    assert {"maxAccelerators": 0, "usedAccelerators": 0} == computes[0]["quota"]


def test_malformed_json_and_other_types_are_refused(stand_in: StandIn) -> None:
    """400 for malformed JSON, 415 for a content type that is not JSON."""
    json = {"content-type": "application/json"}

    broken = stand_in.http.post(ENDPOINTS, content=b"{", headers=json)
    untyped = stand_in.http.post(ENDPOINTS, content=b"{}")

    assert [400, 415] == [broken.status_code, untyped.status_code]


def test_the_log_of_an_endpoint_is_text(stand_in: StandIn) -> None:
    """A line each, with a time before it; the last ones, cut, as the query asks."""
    stand_in.running("m1")
    stand_in.launcher.written = "first line\nsecond line\nthird line\n"

    whole = stand_in.http.get(f"{ENDPOINTS}/m1/logs")
    last = stand_in.http.get(f"{ENDPOINTS}/m1/logs", params={"tail": 2, "line_max_length": 6})

    assert whole.headers["content-type"].startswith("text/plain")
    words = [line.split(" ", 2)[2] for line in whole.text.splitlines()]
    assert ["first line", "second line", "third line"] == words
    assert all(line.startswith("- 20") for line in whole.text.splitlines())
    assert ["second", "third "] == [line.split(" ", 2)[2] for line in last.text.splitlines()]
    assert 404 == stand_in.http.get(f"{ENDPOINTS}/none/logs").status_code
