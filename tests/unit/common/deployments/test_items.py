"""Items of the table: what is stored stays readable, and is written as it was."""

from dataclasses import replace
from typing import Any

import pytest

from functions.common.deployments.items import (
    deployment_item,
    deployment_of,
    desired_item,
    desired_of,
)
from functions.common.deployments.record import Change, Comparison
from tests.builders import NOON, a_deployment

DEPLOYED: dict[str, Any] = {
    "id": {"S": "00000000-0000-5000-8000-000000000001"},
    "model_id": {"S": "Grüße"},
    "model_version": {"S": "3"},
    "status": {"S": "stopped"},
    "provider": {"S": "huggingface"},
    "requested_at": {"S": "2026-11-22T12:00:00.000000Z"},
    "origin": {"S": "operator"},
    "attempt": {"N": "2"},
    "run": {"N": "1"},
    "registered_at": {"S": "2026-11-22T11:59:59.123456Z"},
    "created_at": {"S": "2026-11-22T12:00:01.000000Z"},
    "updated_at": {"S": "2026-11-22T12:05:00.000000Z"},
    "execution_arn": {"S": "arn"},
    "reason": {"S": "Replaced."},
    "retryable": {"BOOL": False},
    "replaced_id": {"S": "00000000-0000-5000-8000-000000000000"},
    "expiration": {"N": "1798000000"},
    "timeline": {
        "L": [
            {
                "M": {
                    "step": {"S": "validate"},
                    "time": {"S": "2026-11-22T12:00:02.000000Z"},
                    "outcome": {"S": "valid"},
                }
            }
        ]
    },
    "endpoint_name": {"S": "hokus-a"},
    "endpoint_url": {"S": "https://a.example"},
    "endpoint_secret": {"S": "secret"},
    "instance_type": {"S": "intel-spr"},
    "instance_size": {"S": "x1"},
    "min_replicas": {"N": "0"},
    "max_replicas": {"N": "1"},
    "scale_to_zero_after_min": {"N": "15"},
    "hourly_cost_usd": {"S": "0.033"},
    "usual_start_s": {"N": "62"},
    "adopted_from": {"S": "00000000-0000-5000-8000-000000000009"},
    "handed_to": {"S": "00000000-0000-5000-8000-000000000008"},
    "removing": {"BOOL": True},
    "removed": {"BOOL": True},
    "runtime": {"S": "container"},
    "python": {"S": "3.12"},
    "repository": {"S": "hokus/a"},
    "revision": {"S": "abc"},
    "package_digest": {"S": "def"},
    "task": {"S": "text-classification"},
    "answer_fingerprint": {"S": "1:ab:cd"},
    "answers_vary": {"BOOL": False},
    "input_schema": {"S": '[{"type":"double","name":"ü","required":true}]'},
    "output_schema": {"S": "[]"},
    "params_schema": {"S": '[{"name":"k","default":null,"shape":null,"type":"long"}]'},
    "request_schema": {"S": '{"maximum":123456789012345678901234567890,"multipleOf":1e-300}'},
    "answer_schema": {"S": "{}"},
    "input_example": {"S": '{"inputs":[[1.0,null]]}'},
    "history_position": {
        "S": "2026-11-22T12:00:00.000000Z 2026-11-22T12:00:01.000000Z 000002 "
        "00000000-0000-5000-8000-000000000001"
    },
}
"""Every attribute that there is, as written since there have been several runtimes."""
NECESSARY = {"id", "model_id", "model_version", "status", "requested_at", "created_at"}
DESIRED = {
    "model_id": {"S": "Grüße"},
    "id": {"S": "target"},
    "deployment_id": {"S": "00000000-0000-5000-8000-000000000001"},
    "model_version": {"S": "3"},
    "requested_at": {"S": "2026-11-22T12:00:00.000000Z"},
    "origin": {"S": "registry"},
    "registry_version": {"S": ""},
    "unsettled": {"S": "1"},
}


def test_a_stored_deployment_is_written_as_it_was() -> None:
    """Also the type of each attribute, which conditions of later writes compare."""
    assert deployment_item(deployment_of(DEPLOYED)) == DEPLOYED


def test_a_stored_desired_deployment_is_written_as_it_was() -> None:
    """Nothing desired is no attribute, and no alias is an empty one."""
    nothing = {name: DESIRED[name] for name in DESIRED if not name.endswith(("_id", "version"))}
    nothing |= {"model_id": DESIRED["model_id"]}

    for item in (DESIRED, nothing):
        assert item == desired_item(desired_of(item))


@pytest.mark.parametrize("name", sorted(DEPLOYED.keys() - NECESSARY - {"updated_at"}))
def test_attributes_that_an_item_lacks_have_their_defaults(name: str) -> None:
    """Attributes were added over time; they are None, or what stood for all before."""
    item = {each: value for each, value in DEPLOYED.items() if each != name}

    assert deployment_of(item)


def test_attributes_that_are_not_known_are_ignored() -> None:
    """A later version may have written them, before it was rolled back."""
    assert deployment_of(DEPLOYED) == deployment_of(DEPLOYED | {"later": {"S": "1"}})


def test_a_comparison_is_read_as_it_was_written() -> None:
    """It is inside the timeline, which the index that lists a model's deployments holds."""
    changes = (Change(text="The column `b` is gone.", breaking=True, place="b"),)
    compared = Comparison(version="1", changes=changes)
    deployment = a_deployment()
    timeline = deployment.timeline_with("validate", "valid", at=NOON, compared=compared)
    written = replace(deployment, timeline=timeline, allow_breaking=True)

    assert written == deployment_of(deployment_item(written))
