"""Makes what an endpoint installs: a lock for `container`, a requirements.txt for `toolkit`."""

from dataclasses import replace

from functions.common.packages.locking import Locking
from functions.common.packages.model_packages import Lock, ModelPackages
from functions.common.packages.resolution import LEFT_OUT
from functions.common.packages.settings import PackageSettings
from functions.common.providers.huggingface.requirements import (
    BUILT_FOR_THE_TOOLKIT,
    toolkit_requirements,
)
from functions.common.providers.huggingface.runtimes import TOOLKIT

SERVER = "waitress>=3.0.2,<4"
"""Requirement of the server of the runtime `container`. Until 3.0.0 it
could answer a request that it had refused, with the lookahead that we use (CVE-2024-49768)."""


def lock_of(packages: ModelPackages, *, runtime: str, python: str) -> Lock:
    """Return the lock of *packages* and of what *runtime* needs; see `Provider.lock`.

    The toolkit's container has packages of its own, so for this runtime the lock shows that the
    requirements can be installed, and how large they are; it is not published.

    Raises: UnusableRequirementsError, PackageIndexUnavailableError.
    """
    locking = Locking(allow_sources=PackageSettings.from_env().allows_sources)
    if runtime == TOOLKIT:
        text = toolkit_requirements(packages)
        # pip takes the releases of the day of each start.
        asked = replace(packages, requirements=text, constraints="", logged_at=None)
        left_out = (*LEFT_OUT, *BUILT_FOR_THE_TOOLKIT)
        return locking.lock(asked, python=python, left_out=left_out)
    return locking.lock(packages, python=python, added=(SERVER,))


def install_files(lock: Lock, packages: ModelPackages, *, runtime: str) -> dict[str, str]:
    """Return the texts, by their path in the repository, of what *runtime* installs."""
    if runtime == TOOLKIT:
        return {"requirements.txt": toolkit_requirements(packages)}
    files = {"hokus/requirements.lock": lock.text}
    if lock.sources:
        files["hokus/sources.txt"] = "\n".join([*lock.sources, ""])
    if lock.built_as_of:
        files["hokus/built-as-of"] = lock.built_as_of.isoformat()
    return files
