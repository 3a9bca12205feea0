"""The deploy policy: versions that may be deployed by opt-out tag and alias."""

import pytest

from functions.common.deployments.policy import DeployPolicy, opted_out


@pytest.mark.parametrize("value", ["false", "False", "FALSE", " false ", "no", "0", "off"])
def test_a_version_can_opt_out(value: str) -> None:
    """In the spellings that people use."""
    assert opted_out({"hokus.deploy": value})


@pytest.mark.parametrize("value", ["true", "", None, "falsch", "1"])
def test_another_value_does_not_opt_out(value: str | None) -> None:
    """Neither does a missing tag."""
    assert not opted_out({"hokus.deploy": value})
    assert not opted_out({})


@pytest.mark.parametrize(
    ("setting", "aliases", "allowed"),
    [
        ("", (), True),
        (" ", ("other",), True),
        ("champion", ("other", "champion"), True),
        (" champion ", ("champion",), True),
        ("champion", ("Champion",), False),
        ("champion", (), False),
    ],
)
def test_an_alias_decides_if_the_setting_names_one(
    setting: str, aliases: tuple[str, ...], *, allowed: bool
) -> None:
    """Otherwise every version may be deployed."""
    assert allowed == DeployPolicy.of(setting).allows(aliases)
