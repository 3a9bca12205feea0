"""A provider in memory: this folder, and one line in the registry."""

from pathlib import Path
from typing import Any

from functions.common.packages.model_packages import (
    Lock,
    ModelPackages,
    UnusableRequirementsError,
)
from functions.common.providers.hardware import Hardware
from functions.common.providers.packaging import Package
from functions.common.providers.provider import Runtime
from functions.common.secrets import Secrets
from tests.builders import HARDWARE, NOON
from tests.fakes.endpoint_logs import FakeEndpointLogs
from tests.fakes.model_hub import FakeModelHub
from tests.fakes.price_list import FakePriceList
from tests.fakes.provider.endpoints import SimulatedInference, SimulatedProvider


class SimulatedHub(FakeModelHub):
    """A hub with the repositories that `SimulatedProvider` deletes."""

    def __init__(self, provider: SimulatedProvider) -> None:
        super().__init__()
        self._provider = provider

    def upload(self, folder: Path, repository: str, *, at: str) -> None:
        self._provider.repositories.add(repository)
        super().upload(folder, repository, at=at)


class InMemoryProvider:
    """See `Provider`. A test may give parts of its own; the others share the same endpoints."""

    namespace = "acme"

    def __init__(
        self,
        *,
        control: Any = None,
        inference: Any = None,
        hub: Any = None,
        prices: Any = None,
        logs: Any = None,
        hardware: tuple[Hardware, ...] = (HARDWARE,),
    ) -> None:
        simulated = SimulatedProvider(lambda: NOON)
        self._control = control or simulated
        self._inference = inference or SimulatedInference(simulated)
        self._hub = hub or SimulatedHub(simulated)
        self._prices = prices or FakePriceList()
        self._hardware = hardware
        self._logs = logs or FakeEndpointLogs()

    def runtime(self) -> Runtime:
        return Runtime(name="in-memory", pythons=("3.13",))

    def hardware(self) -> tuple[Hardware, ...]:
        return self._hardware

    def control(self) -> Any:
        return self._control

    def logs(self) -> Any:
        return self._logs

    def inference(self) -> Any:
        return self._inference

    def prices(self) -> Any:
        return self._prices

    def public_prices(self) -> Any:
        return self._prices

    def model_hub(self) -> Any:
        return self._hub

    def lock(self, packages: ModelPackages, *, runtime: str, python: str) -> Lock:
        if "cuda" in packages.requirements:
            raise UnusableRequirementsError(f"No CUDA with Python {python} in {runtime}.")
        return Lock(python=python, packages=())

    def add_runtime(
        self,
        folder: Path,
        packages: ModelPackages,
        *,
        runtime: str,
        python: str,
        lock: Lock | None = None,
    ) -> Package:
        lock = lock or self.lock(packages, runtime=runtime, python=python)
        (folder / "serve").write_text(f"{runtime} with {python}: {lock.text}")
        return Package(digest="ab" * 32)


def create(_secrets: Secrets) -> InMemoryProvider:
    """Return a new provider without endpoints."""
    return InMemoryProvider()
