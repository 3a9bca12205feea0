"""Check whether a version can be served, before anything is paid for.

docs/supported-models.md documents every check, and a test holds it to this module.
"""

from collections.abc import Callable, Iterator, Sequence

from functions.common.packages.model_packages import NO_PACKAGES
from functions.provision.compatibility.hardware_tags import SIZE
from functions.provision.compatibility.memory import BYTES_PER_GB, LEAST_BYTES
from functions.provision.compatibility.platform import Incompatibility, Platform
from functions.provision.compatibility.pythons import is_pickled, minor_version
from functions.provision.registry.artifacts import MAX_MODEL_BYTES, too_large
from functions.provision.registry.base import RegisteredVersion

LOADERS_REFUSED = {
    "mlflow.diffusers": "makes an image in minutes without a GPU, and endpoints have none",
    "mlflow.h2o": "needs a Java virtual machine, which endpoints do not have",
    "mlflow.johnsnowlabs": "needs a Java virtual machine, which endpoints do not have",
    "mlflow.spark": "needs a Java virtual machine, which endpoints do not have",
}
"""Reasons against loader modules of the python_function flavor."""

type Check = Callable[[RegisteredVersion, Platform], Iterator[Incompatibility]]
"""Yields incompatibilities; its docstring is the check's line in docs/supported-models.md."""


def find_incompatibilities(version: RegisteredVersion, platform: Platform) -> list[Incompatibility]:
    """Every reason at once, so that one correction is enough; empty when it can be served."""
    return [reason for check in CHECKS for reason in check(version, platform)]


def check_flavor(version: RegisteredVersion, _platform: Platform) -> Iterator[Incompatibility]:
    """It has the `python_function` flavor, by a loader that needs neither a GPU nor Java, or is a
    transformers model logged as a reference to the Hub, with a task."""
    source = version.hub_source
    if source:
        if source.task is None:
            yield Incompatibility(
                f"The model stands for {source.name} on the Hugging Face Hub without saying for "
                "which task. Log it with task=…, e.g. text-classification."
            )
        return
    if "python_function" not in version.flavors:
        yield Incompatibility(
            "The model has no python_function flavor. Log it with a flavor of MLflow that has one, "
            "or wrap it in an mlflow.pyfunc.PythonModel."
        )
    loader = version.flavors.get("python_function", {}).get("loader_module")
    if fault := LOADERS_REFUSED.get(str(loader)):
        yield Incompatibility(
            f"The model is loaded by {loader}, which {fault}. Log it in another flavor, e.g. "
            "exported to ONNX."
        )
    if "local_base_model_path" in version.flavors.get("transformers", {}):
        yield Incompatibility(
            "The model is an adapter whose base model stayed on the machine that trained it. Merge "
            "the two before logging, or log it with a base model from the Hugging Face Hub."
        )


def check_python(version: RegisteredVersion, platform: Platform) -> Iterator[Incompatibility]:
    """If it was pickled, it was saved by a minor version of Python that endpoints have."""
    pythons = platform.container_pythons
    saved_by = minor_version(version)
    if version.hub_source or not is_pickled(version) or saved_by in {None, *pythons}:
        return
    yield Incompatibility(
        f"The model was pickled by Python {saved_by}, and its objects may not load in an "
        f"endpoint's Python {_either(pythons)}. Log it from that Python, or without pickling: "
        'as a model from code, or with serialization_format="skops".'
    )


def check_requirements(version: RegisteredVersion, platform: Platform) -> Iterator[Incompatibility]:
    """Its requirements can be installed together for its Python on Linux without a GPU: from the
    Python Package Index, https addresses of wheels, or git at a commit."""
    if version.hub_source:
        return
    if version.packages is None:
        yield Incompatibility(NO_PACKAGES)
    yield from map(Incompatibility, platform.package_faults)


def check_size(version: RegisteredVersion, platform: Platform) -> Iterator[Incompatibility]:
    """Its files fit into the instance's memory beside 0.5 GB for Python and MLflow, and are at
    most 3.67 GB, which is what can be packaged."""
    size_bytes = version.model_size_bytes
    if version.hub_source or size_bytes is None:
        return
    offer = platform.offer
    if offer and size_bytes > offer.memory_gb * BYTES_PER_GB - LEAST_BYTES:
        yield Incompatibility(
            f"The model's files are {_gb(size_bytes)}, and an instance {offer.instance_size} has "
            f"{offer.memory_gb:g} GB of memory, of which {_gb(LEAST_BYTES)} is needed otherwise. "
            f"Log a smaller model, or set the tag {SIZE} to a larger size."
        )
    if size_bytes > MAX_MODEL_BYTES:
        yield Incompatibility(too_large(size_bytes))


def check_signature(version: RegisteredVersion, _platform: Platform) -> Iterator[Incompatibility]:
    """It has a signature. An input example is not required; without one, its health alone is
    verified."""
    if version.inputs is None:
        yield Incompatibility(
            "The model has no signature. Log it with signature=infer_signature(inputs, outputs): "
            "it types the model's API and verifies its answers."
        )


def check_instance(_version: RegisteredVersion, platform: Platform) -> Iterator[Incompatibility]:
    """The instance is one of the provider's CPU machines, not deprecated, and
    available. This says nothing against the model: it is tried again by itself."""
    wanted, offer = platform.hardware, platform.offer
    name = f"{wanted.instance_type} {wanted.instance_size} in {wanted.vendor} {wanted.region}"
    if offer is None:
        reason = f"The provider has no CPU instance {name}."
    elif offer.deprecated:
        reason = f"The provider has deprecated the instance {name}."
    elif not offer.available:
        reason = f"The instance {name} is sold out or the namespace's quota is used up."
    else:
        return
    yield Incompatibility(f"{reason} {_advice(platform)}", retryable=True)


CHECKS: tuple[Check, ...] = (
    check_flavor,
    check_python,
    check_requirements,
    check_size,
    check_signature,
    check_instance,
)


def _advice(platform: Platform) -> str:
    """Name the machines that are available on the same cloud."""
    wanted = platform.hardware
    others = [
        f"{each.region} {each.instance_type} {each.instance_size}"
        for each in platform.offers
        if each.vendor == wanted.vendor and each.obtainable
    ]
    there = f" {wanted.vendor} has: {', '.join(others)}." if others else ""
    return f"Set ENDPOINT_REGION, INSTANCE_TYPE and INSTANCE_SIZE, or wait.{there}"


def _gb(size_bytes: int) -> str:
    return f"{size_bytes / BYTES_PER_GB:.2f} GB"


def _either(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
