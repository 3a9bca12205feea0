"""Hardware and runtime of new endpoints, by Hugging Face's settings."""

import pytest

from functions.common.providers import registry
from functions.common.providers.hardware import Hardware
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.huggingface.settings import HardwareSettings
from functions.common.settings import SettingsError
from tests.fakes.secrets import FakeSecrets


@pytest.mark.parametrize(
    ("size", "expected"), [("auto", ["x1", "x2"]), ("x2", ["x2"]), ("x16", ["x16"])]
)
def test_the_sizes_come_smallest_first(size: str, expected: list[str]) -> None:
    """Or there is the one that is set."""
    settings = HardwareSettings.from_env({"INSTANCE_SIZE": size})

    assert expected == [each.instance_size for each in settings.hardware()]


def test_every_setting_of_the_hardware_counts() -> None:
    """The idle time also where replicas are kept: a model's tags may let it sleep."""
    settings = {
        "ENDPOINT_VENDOR": "gcp",
        "ENDPOINT_REGION": "us-east4",
        "INSTANCE_TYPE": "intel-xeon",
        "INSTANCE_SIZE": "x4",
        "MIN_REPLICAS": "2",
        "MAX_REPLICAS": "3",
        "SCALE_TO_ZERO_AFTER_MIN": "60",
    }

    (found,) = HardwareSettings.from_env(settings).hardware()

    assert (
        Hardware(
            vendor="gcp",
            region="us-east4",
            instance_type="intel-xeon",
            instance_size="x4",
            min_replicas=2,
            max_replicas=3,
            scale_to_zero_after_min=60,
        )
        == found
    )


@pytest.mark.parametrize(
    ("runtime", "pythons"), [("container", tuple(IMAGES)), ("toolkit", ("3.11",))]
)
def test_a_runtime_has_pythons(
    monkeypatch: pytest.MonkeyPatch, runtime: str, pythons: tuple[str, ...]
) -> None:
    """Of the container's, each has an image."""
    monkeypatch.setenv("ENDPOINT_RUNTIME", runtime)

    found = registry.provider(secrets=FakeSecrets({})).runtime()

    assert (runtime, pythons) == (found.name, found.pythons)


def test_an_unknown_runtime_is_refused() -> None:
    """The message names those that there are."""
    with pytest.raises(SettingsError, match=r"ENDPOINT_RUNTIME.*`container`.* or `toolkit`"):
        HardwareSettings.from_env({"ENDPOINT_RUNTIME": "docker"})
