"""Settings are read from variables: all faults at once, none of them quoted."""

from typing import Annotated, Literal

import pytest
from msgspec import Meta

from functions.common.settings import Settings, SettingsError


class AnySettings(Settings, frozen=True, kw_only=True):
    """One field of each kind."""

    name: Annotated[str, Meta(description="A name.")]
    kind: Annotated[Literal["one", "two"], Meta(description="Its kind, `one` or `two`.")] = "one"
    limit: Annotated[int, Meta(gt=0, le=9, description="A limit.")] = 5
    pause_s: Annotated[float, Meta(ge=0.5, description="A pause.")] = 1
    active: Annotated[bool, Meta(description="Whether it is active.")] = True


def test_variables_become_values_of_the_fields_types() -> None:
    """What is not a setting is ignored."""
    variables = {
        "NAME": "null",
        "KIND": "two",
        "LIMIT": "9",
        "PAUSE_S": "0.5",
        "ACTIVE": "false",
        "PATH": "/bin",
    }

    expected = AnySettings(name="null", kind="two", limit=9, pause_s=0.5, active=False)

    assert expected == AnySettings.from_env(variables)


def test_fields_without_a_variable_have_their_defaults() -> None:
    """An empty variable is a value."""
    assert AnySettings(name="") == AnySettings.from_env({"NAME": ""})


def test_all_faults_are_reported_at_once_and_none_is_quoted() -> None:
    """By the variable's name, with what can stand there: a value can be a misplaced secret."""
    variables = dict.fromkeys(("KIND", "LIMIT", "PAUSE_S", "ACTIVE"), "hf_secret")

    with pytest.raises(SettingsError) as raised:
        AnySettings.from_env(variables)

    assert str(raised.value) == (
        "NAME is missing: A name.; "
        "KIND cannot be used: Its kind, `one` or `two`.; "
        "LIMIT cannot be used: A limit. (above 0, at most 9); "
        "PAUSE_S cannot be used: A pause. (at least 0.5); "
        "ACTIVE cannot be used: Whether it is active."
    )


@pytest.mark.parametrize(
    "variables",
    [{"LIMIT": "0"}, {"LIMIT": "10"}, {"LIMIT": "1.5"}, {"PAUSE_S": "0.4"}, {"PAUSE_S": "nan"}],
    ids=str,
)
def test_values_out_of_bounds_are_refused(variables: dict[str, str]) -> None:
    """At both ends."""
    with pytest.raises(SettingsError, match=f"^{next(iter(variables))} "):
        AnySettings.from_env({"NAME": "n"} | variables)


def test_settings_never_change() -> None:
    """They are read once."""
    settings = AnySettings(name="n")

    with pytest.raises(AttributeError):
        settings.name = "m"  # type: ignore[misc]
