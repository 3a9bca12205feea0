"""Hugging Face as a `Provider`.

Each part is imported where it is made: the bundles of `predict` hold neither httpx nor
huggingface_hub, and only the task `package` has the latter.
"""

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from functions.common.providers.base import EndpointControl, InferenceClient
from functions.common.providers.endpoint_logs import EndpointLogs
from functions.common.providers.hardware import Hardware
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.huggingface.runtimes import CONTAINER, TOOLKIT_PYTHON
from functions.common.providers.huggingface.settings import (
    ControlApiSettings,
    HardwareSettings,
    HuggingFaceSettings,
)
from functions.common.providers.provider import Runtime
from functions.common.secrets import Secrets, read_for_header

if TYPE_CHECKING:
    # Predict needs none of them.
    from functions.common.packages.model_packages import Lock, ModelPackages
    from functions.common.providers.packaging import ModelHub, Package
    from functions.common.providers.prices import PriceList


class HuggingFace:
    """Inference Endpoints and the Hub, with one token for both."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    @cached_property
    def settings(self) -> HuggingFaceSettings:
        """Settings, read when first needed."""
        return HuggingFaceSettings.from_env()

    @property
    def namespace(self) -> str:
        return self.settings.huggingface_namespace

    def runtime(self) -> Runtime:
        name = HardwareSettings.from_env().endpoint_runtime
        pythons = tuple(IMAGES) if name == CONTAINER else (TOOLKIT_PYTHON,)
        return Runtime(name=name, pythons=pythons)

    def hardware(self) -> tuple[Hardware, ...]:
        return HardwareSettings.from_env().hardware()

    def control(self) -> EndpointControl:
        from functions.common.providers.huggingface.control import (  # noqa: PLC0415 - see above
            HuggingFaceControl,
        )

        return HuggingFaceControl(
            api_url=self.settings.huggingface_api_url,
            hub_url=self.settings.huggingface_hub_url,
            namespace=self.namespace,
            token=self.token,
        )

    def logs(self) -> EndpointLogs:
        from functions.common.providers.huggingface.logs import (  # noqa: PLC0415 - see above
            HuggingFaceLogs,
        )

        return HuggingFaceLogs(
            api_url=self.settings.huggingface_api_url, namespace=self.namespace, token=self.token
        )

    def inference(self) -> InferenceClient:
        from functions.common.providers.huggingface.inference import (  # noqa: PLC0415 - see above
            HuggingFaceInference,
        )

        name = self.settings.huggingface_token_secret
        return HuggingFaceInference(
            endpoint_domain=self.settings.endpoint_domain,
            token=partial(read_for_header, self._secrets.current, name),
            renewed_token=partial(read_for_header, self._secrets.renewed, name),
        )

    def prices(self) -> "PriceList":
        from functions.common.providers.huggingface.prices import (  # noqa: PLC0415 - see above
            HuggingFacePriceList,
        )

        return HuggingFacePriceList(
            api_url=self.settings.huggingface_api_url, namespace=self.namespace, token=self.token
        )

    def public_prices(self) -> "PriceList":
        from functions.common.providers.huggingface.prices import (  # noqa: PLC0415 - see above
            HuggingFacePriceList,
        )

        return HuggingFacePriceList(api_url=ControlApiSettings.from_env().huggingface_api_url)

    def model_hub(self) -> "ModelHub":
        from functions.common.providers.huggingface.publishing import (  # noqa: PLC0415 - see above
            HuggingFaceModelHub,
        )

        return HuggingFaceModelHub(
            self.settings.huggingface_hub_url,
            token=self.token,
            lent_by=self.settings.hub_source_namespaces.replace(",", " ").split(),
        )

    def lock(self, packages: "ModelPackages", *, runtime: str, python: str) -> "Lock":
        from functions.common.providers.huggingface.locks import (  # noqa: PLC0415 - see above
            lock_of,
        )

        return lock_of(packages, runtime=runtime, python=python)

    def add_runtime(
        self,
        folder: Path,
        packages: "ModelPackages",
        *,
        runtime: str,
        python: str,
        lock: "Lock | None" = None,
    ) -> "Package":
        from functions.common.providers.huggingface.locks import (  # noqa: PLC0415 - see above
            install_files,
        )
        from functions.common.providers.huggingface.recipe import (  # noqa: PLC0415 - see above
            add_runtime,
        )
        from functions.common.providers.packaging import Package  # noqa: PLC0415 - see above

        lock = lock or self.lock(packages, runtime=runtime, python=python)
        files = install_files(lock, packages, runtime=runtime)
        return Package(digest=add_runtime(folder, runtime=runtime, files=files), notes=lock.notes)

    def token(self) -> str:
        """Return the token, at most a minute old. Raises: SecretUnavailableError."""
        return read_for_header(self._secrets.current, self.settings.huggingface_token_secret)


def create(secrets: Secrets) -> HuggingFace:
    """Return Hugging Face; see `registry`."""
    return HuggingFace(secrets)
