"""Tags in MLflow that size a model's endpoint."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from functions.provision.compatibility.hardware_tags import (
    IDLE,
    LEAST,
    MOST,
    RANGES,
    SIZE,
    RequestedHardware,
    requested_hardware,
)
from tests.builders import HARDWARE

X2 = replace(HARDWARE, scale_to_zero_after_min=15)
"""As the settings have it: with an idle time, for endpoints that may sleep."""
X1 = replace(X2, instance_size="x1")
SIZES = ("x1", "x2", "x4")


def request(**tags: str) -> RequestedHardware:
    """Return the hardware for *tags*, by their names without the prefix."""
    named = {f"hokus.{name}": value for name, value in tags.items()}
    return requested_hardware([X1, X2], named | {"stage": "any"}, sizes=SIZES)


def test_without_tags_the_settings_count() -> None:
    """Every size of theirs is a candidate; an endpoint with replicas kept never sleeps."""
    awake = tuple(replace(each, scale_to_zero_after_min=None) for each in (X1, X2))

    assert RequestedHardware(candidates=awake, by_tags=False) == request()


def test_every_tag_is_applied() -> None:
    """A size of the tags is the only candidate. Surrounding white space does not count."""
    wanted = replace(
        X1, instance_size="x4", min_replicas=0, max_replicas=3, scale_to_zero_after_min=60
    )

    found = request(
        instance_size=" x4",
        min_replicas="0",
        max_replicas="3 ",
        scale_to_zero_after_min="60",
    )

    assert RequestedHardware(candidates=(wanted,), by_tags=True) == found


def test_an_endpoint_that_may_sleep_has_the_settings_idle_time() -> None:
    """Unless a tag gives another one."""
    found = request(min_replicas="0")

    assert (replace(X1, min_replicas=0), replace(X2, min_replicas=0)) == found.candidates


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize("value", ["", "two", "-1", "1.5", "1e2", "٣", "2881", "9" * 10_000])
def test_a_number_has_digits_and_a_range(name: str, value: str) -> None:
    """Anything else is a fault, and no tag is applied."""
    tags = {name: value, SIZE: "x4"}

    found = requested_hardware([X2], tags, sizes=SIZES)

    (fault,) = found.faults
    smallest, largest = RANGES[name]
    assert fault.startswith(f"The tag {name} is `{value[:40]}`, and takes")
    assert f"from {smallest} to {largest}." in fault
    assert (replace(X2, scale_to_zero_after_min=None),) == found.candidates


@pytest.mark.parametrize("name", RANGES)
def test_the_ends_of_a_range_belong_to_it(name: str) -> None:
    """Their neighbours do not."""
    smallest, largest = RANGES[name]
    others = {LEAST: "0", MOST: "100"}

    for number, right in [(smallest - 1, False), (smallest, True), (largest, True)]:
        found = requested_hardware([X2], {**others, name: str(number)}, sizes=SIZES)
        assert right is (found.faults == ())
    assert requested_hardware([X2], {**others, name: str(largest + 1)}, sizes=SIZES).faults


def test_a_size_is_one_of_the_price_lists() -> None:
    """The fault names those that there are."""
    found = request(instance_size="huge")

    (fault,) = found.faults
    assert (
        "The tag hokus.instance_size is `huge`, and intel-spr in aws us-east-1 has the sizes "
        "x1, x2, x4. Correct it, and deploy the version again."
    ) == fault


def test_a_machine_without_a_price_is_no_fault_of_the_tags() -> None:
    """The check of the instance reports it."""
    assert () == requested_hardware([X2], {SIZE: "x4"}, sizes=()).faults


@pytest.mark.parametrize(
    "tags",
    [{LEAST: "3", MOST: "2"}, {LEAST: "2"}, {LEAST: "1", MOST: "1", IDLE: "x"}],
)
def test_there_are_at_least_as_many_replicas_as_are_kept(tags: dict[str, str]) -> None:
    """A missing tag counts as the setting: one replica."""
    (fault,) = requested_hardware([X2], tags, sizes=SIZES).faults

    assert IDLE in tags or "at least" in fault


def test_the_settings_least_replicas_hold_for_a_tag() -> None:
    """A tag alone cannot go below them by half."""
    kept = replace(X2, min_replicas=2, max_replicas=4)

    (fault,) = requested_hardware([kept], {MOST: "1"}, sizes=SIZES).faults

    assert "at least 2 and at most 1 replicas" in fault


def test_an_idle_time_needs_an_endpoint_that_may_sleep() -> None:
    """It would have no effect; with replicas kept by a tag of the version, that is meant."""
    (fault,) = request(scale_to_zero_after_min="30").faults
    assert "hokus.min_replicas to 0 as well" in fault

    meant = request(scale_to_zero_after_min="30", min_replicas="1")
    assert () == meant.faults
    assert {None} == {each.scale_to_zero_after_min for each in meant.candidates}


def test_all_faults_are_reported_together() -> None:
    """So that one correction is enough."""
    assert 3 == len(request(instance_size="x3", min_replicas="?", max_replicas="0").faults)


def test_every_tag_is_documented_with_its_range() -> None:
    """In docs/operating.md."""
    page = (Path(__file__).parents[4] / "docs/operating.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(hokus\.[a-z_]+)` \| (.+?) \| `[A-Z_]+` \|$", page, re.MULTILINE))

    assert {SIZE, *RANGES} == rows.keys()
    for name, (smallest, largest) in RANGES.items():
        assert rows[name].startswith(f"{smallest} to {largest}")
