"""Port to a provider as a whole; its parts are in `base`, `prices` and `packaging`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from functions.common.providers.base import EndpointControl, InferenceClient
from functions.common.providers.endpoint_logs import EndpointLogs
from functions.common.providers.hardware import Hardware

if TYPE_CHECKING:
    # Predict needs none of them.
    from functions.common.packages.model_packages import Lock, ModelPackages
    from functions.common.providers.packaging import ModelHub, Package
    from functions.common.providers.prices import PriceList


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """Runtime of the models on new endpoints.

    Attributes:
        name: As on record, see `PackageRecord`.
        pythons: Minor versions of Python, e.g. `3.11`, that it can run.
    """

    name: str
    pythons: tuple[str, ...]


class Provider(Protocol):
    """A provider with the settings of this function's environment.

    Every method makes a part from these settings; none calls the provider. A method raises
    SettingsError for variables that are missing.
    """

    @property
    def namespace(self) -> str:
        """Owner of the endpoints and repositories."""
        ...

    def runtime(self) -> Runtime:
        """Return the runtime of new endpoints."""
        ...

    def hardware(self) -> tuple[Hardware, ...]:
        """Return the hardware of the settings, smallest first: a model gets the first that it
        fits in. The idle time is given also where replicas are always kept."""
        ...

    def control(self) -> EndpointControl:
        """Return the side that provisions."""
        ...

    def logs(self) -> EndpointLogs:
        """Return what reads the logs of endpoints."""
        ...

    def inference(self) -> InferenceClient:
        """Return the side that predicts."""
        ...

    def prices(self) -> "PriceList":
        """Return the machines with their prices."""
        ...

    def public_prices(self) -> "PriceList":
        """Return the machines with their prices, as anybody may read them: no secret is needed."""
        ...

    def model_hub(self) -> "ModelHub":
        """Return the hub from which endpoints take their files."""
        ...

    def lock(self, packages: "ModelPackages", *, runtime: str, python: str) -> "Lock":
        """Return the files that an endpoint installs for *packages*, and for the runtime itself.

        *runtime* and *python* are those on record, see `PackageRecord`.

        Raises: UnusableRequirementsError, PackageIndexUnavailableError.
        """
        ...

    def add_runtime(
        self,
        folder: Path,
        packages: "ModelPackages",
        *,
        runtime: str,
        python: str,
        lock: "Lock | None" = None,
    ) -> "Package":
        """Add to *folder*, which holds `model`, what an endpoint needs beside it: its lock, too.

        *lock* is what `lock` has returned for the rest; None: it is made now.

        Raises: UnusableRequirementsError, PackageIndexUnavailableError.
        """
        ...
