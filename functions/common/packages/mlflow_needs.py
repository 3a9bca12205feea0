"""Requirements of MLflow beside a model's own."""

from collections.abc import Iterable, Sequence

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ALWAYS = ("numpy", "pandas")
"""`mlflow.pyfunc` imports them, and mlflow-skinny, which a model may name, brings neither."""
_WITHOUT_PKG_RESOURCES = Version("2.16")
_WITH_PKG_RESOURCES = "setuptools<82"
"""MLflow imported `pkg_resources` until 2.15 without asking for setuptools, which had it until 81:
MLflow wrote setuptools into the model's python_env.yaml instead."""
_MLFLOW = ("mlflow", "mlflow-skinny")


def mlflow_needs(requirements: Sequence[Requirement], mlflow_version: str | None) -> list[str]:
    """Return the requirements to add to a model's own.

    MLflow leaves out of a model's requirements what mlflow itself requires, so the whole of it is
    installed: the one that logged the model, where *requirements* name none or, as MLflow 1.30
    does, one without a version.
    """
    named: dict[str, Requirement] = {canonicalize_name(each.name): each for each in requirements}
    needs = [name for name in ALWAYS if name not in named]
    mlflow = [named[name] for name in _MLFLOW if name in named]
    if mlflow_version and not any(each.specifier or each.url for each in mlflow):
        needs.append(f"{mlflow[0].name if mlflow else 'mlflow'}=={mlflow_version}")
    if _imports_pkg_resources(mlflow_version) and "setuptools" not in named:
        needs.append(_WITH_PKG_RESOURCES)
    return needs


def with_whole_version(
    requirements: Iterable[Requirement], mlflow_version: str | None
) -> list[Requirement]:
    """Return *requirements* with the version of MLflow that logged the model, patch included.

    MLflow 2.3 leaves the patch out: 2.3.2 writes `mlflow==2.3`, which is 2.3.0, and that fails on
    `inputs` by columns.
    """
    whole = str(mlflow_version)
    short = SpecifierSet(f"=={whole.rpartition('.')[0]}") if whole.count(".") > 1 else None
    return [
        Requirement(f"{each.name}=={whole}")
        if canonicalize_name(each.name) in _MLFLOW and each.specifier == short
        else each
        for each in requirements
    ]


def _imports_pkg_resources(mlflow_version: str | None) -> bool:
    try:
        return mlflow_version is not None and Version(mlflow_version) < _WITHOUT_PKG_RESOURCES
    except InvalidVersion:
        return False
