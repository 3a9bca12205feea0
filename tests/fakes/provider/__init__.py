"""A provider in memory: this folder, and one line in the registry."""

from pathlib import Path

from functions.common.providers.base import Hardware
from functions.common.providers.provider import Limits
from functions.common.secrets import Secrets
from tests.builders import HARDWARE, NOON
from tests.fakes.model_hub import FakeModelHub
from tests.fakes.price_list import FakePriceList
from tests.fakes.provider.endpoints import SimulatedInference, SimulatedProvider


class InMemoryProvider:
    """See `Provider`. All parts share the endpoints of `control`, whose clock a test may set."""

    namespace = "acme"

    def __init__(self) -> None:
        self._control = SimulatedProvider(lambda: NOON)
        self._inference = SimulatedInference(self._control)
        self._hub = FakeModelHub()

    def limits(self) -> Limits:
        return Limits(endpoint_name_characters=32, container_pythons=("3.13",))

    def hardware(self) -> Hardware:
        return HARDWARE

    def control(self) -> SimulatedProvider:
        return self._control

    def inference(self) -> SimulatedInference:
        return self._inference

    def prices(self) -> FakePriceList:
        return FakePriceList()

    def model_hub(self) -> FakeModelHub:
        return self._hub

    def add_runtime(self, folder: Path) -> str:
        (folder / "serve").write_text("in memory")
        return "ab" * 32

    def requirement_faults(self, text: str, *, python: str) -> list[str]:
        return [f"No CUDA with Python {python}."] if "cuda" in text else []


def create(_secrets: Secrets) -> InMemoryProvider:
    """Return a new provider without endpoints."""
    return InMemoryProvider()
