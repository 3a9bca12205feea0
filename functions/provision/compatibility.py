"""Whether a version can be served, before anything is paid for."""

from collections.abc import Callable, Iterator

from functions.provision.registry import RegisteredVersion

type Check = Callable[[RegisteredVersion], Iterator[str]]
"""Yields a sentence per reason against: what is wrong, and what to do about it."""


def reasons_against(version: RegisteredVersion) -> list[str]:
    """Every reason at once, so that one correction is enough; empty when it can be served."""
    return [reason for check in CHECKS for reason in check(version)]


def _flavor(version: RegisteredVersion) -> Iterator[str]:
    if "python_function" not in version.flavors:
        yield (
            "The model has no python_function flavor. Log it with a flavor of MLflow that has one, "
            "or wrap it in an mlflow.pyfunc.PythonModel."
        )


def _signature(version: RegisteredVersion) -> Iterator[str]:
    if version.inputs is None:
        yield (
            "The model has no signature. Log it with signature=infer_signature(inputs, outputs): "
            "it types the model's API and proves its answers."
        )


CHECKS: tuple[Check, ...] = (_flavor, _signature)
