"""Names of endpoints and repositories that the provider and the Hub both accept."""

import re

import pytest

from functions.provision.names import (
    deployment_tag,
    endpoint_name,
    installation_tag,
    tagged_deployment,
    tags,
)

ID = "6a0a3d2e-7c43-5a55-9d4c-0f4d1f5c2b11"


@pytest.mark.parametrize(
    "model_id",
    ["iris", "sales lead", "Grüße", "予測", "a" * 200, "-- odd --name--", "x" * 16 + " y", "A.b_c"],
)
def test_every_model_has_a_valid_name(model_id: str) -> None:
    """At most 32 characters, no hyphen at an end and no two together."""
    name = endpoint_name(model_id, ID)

    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", name)
    assert "--" not in name


def test_a_name_is_readable_and_stable() -> None:
    """Another scheme would orphan every endpoint."""
    assert "hokus-sales-lead-3b0df09e" == endpoint_name("sales lead", ID)
    assert "hokus-model-" == endpoint_name("予測", ID)[:12]


def test_names_of_deployments_and_models_are_unique() -> None:
    """Even of long names with the same beginning."""
    names = {
        endpoint_name(model_id, deployment_id)
        for model_id in ("x" * 40, "x" * 41, "予測", "予")
        for deployment_id in (ID, ID[:-1] + "2")
    }

    assert 8 == len(names)


def test_tags_name_the_installation_and_the_deployment() -> None:
    """Without commas, which separate tags in a query."""
    found = tags(ID, installation="123456789012,us-east-1")

    assert ("hokus", installation_tag("123456789012,us-east-1"), deployment_tag(ID)) == found
    assert "," not in "".join(found)


def test_an_installations_tag_is_unique_and_stable() -> None:
    """Another tag would make every endpoint foreign; it does not show the account number."""
    assert "hokus-installation-ea602e3ad6c3" == installation_tag("123456789012-us-east-1")
    assert installation_tag("a") != installation_tag("b")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tags(ID, installation="a"), ID),
        ((deployment_tag(ID),), ID),
        (("hokus", installation_tag("a")), None),
        ((), None),
    ],
)
def test_the_deployment_is_read_from_the_tags(found: tuple[str, ...], expected: str | None) -> None:
    """None if no tag is ours."""
    assert expected == tagged_deployment(found)
