"""Locks a model's packages: one resolution for its Python, and reasons when there is none."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from functions.common.packages.explanation import explained, no_wheel_reason, without_wheels
from functions.common.packages.gpu_packages import FOR_GPUS, gpu_packages, gpu_reason
from functions.common.packages.mlflow_needs import mlflow_needs, with_whole_version
from functions.common.packages.model_packages import (
    Lock,
    LockedPackage,
    ModelPackages,
    UnusableRequirementsError,
)
from functions.common.packages.package_index import PackageIndex
from functions.common.packages.pylock import locked_packages, takes
from functions.common.packages.requirement_lines import RequirementLines, read_lines
from functions.common.packages.resolution import LEFT_OUT, Resolution, StaticMetadata
from functions.common.packages.source_distributions import static_metadata
from functions.common.packages.uv import ResolutionError, Uv

_ROUNDS = 8
"""Resolutions until all source distributions are known: each may depend on others."""
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Locking:
    """Locks packages for CPython on Linux x86-64.

    Attributes:
        allow_sources: Take packages that have no wheel for any platform, and are built at every
            start; False refuses them.
    """

    uv: Uv = field(default_factory=Uv)
    index: PackageIndex = field(default_factory=PackageIndex)
    allow_sources: bool = True

    def lock(
        self,
        model: ModelPackages,
        *,
        python: str,
        added: Sequence[str] = (),
        left_out: Sequence[str] = LEFT_OUT,
    ) -> Lock:
        """Return the lock of *model* and the requirements *added* for *python*, e.g. `3.12`.

        The same index gives the same lock.

        Raises: UnusableRequirementsError (with every reason that is cheap to find),
        PackageIndexUnavailableError.
        """
        lines = read_lines(model.requirements)
        wanted = with_whole_version(lines.resolvable, model.mlflow_version)
        needs = mlflow_needs(wanted, model.mlflow_version)
        resolution = Resolution(
            python=python,
            requirements=[*map(str, wanted), *needs, *added],
            left_out=left_out,
            as_of=model.logged_at,
            current=[Requirement(each).name for each in added],
            constraints=[str(each) for each in read_lines(model.constraints).resolvable],
        )
        try:
            packages, used = self._resolved_as_logged(resolution)
        except (ResolutionError, UnusableRequirementsError) as error:
            reasons = [*lines.faults, *self._reasons(lines, resolution)]
            raise UnusableRequirementsError(
                *reasons or self._words(error, lines, python)
            ) from error
        if lines.faults:
            raise UnusableRequirementsError(*lines.faults)
        if for_gpus := gpu_packages(packages):
            annotated = self.uv.resolve(used, annotated=True)
            raise UnusableRequirementsError(gpu_reason(for_gpus, annotated))
        is_built = lines.sources or any(each.is_source for each in packages)
        return Lock(
            python=python,
            packages=packages,
            sources=lines.sources,
            built_as_of=model.logged_at if is_built else None,
        )

    def _resolved_as_logged(
        self, resolution: Resolution
    ) -> tuple[tuple[LockedPackage, ...], Resolution]:
        """Resolve as of the day on which the model was logged, or else as of now.

        What came later may not fit what the model pins: numpy 2 broke packages that had set no
        bound. Where there was no solution, wheels for a newer Python may have come since, or the
        index does not say when files came.
        """
        if resolution.as_of:
            with suppress(ResolutionError, UnusableRequirementsError):
                return self._resolved(resolution)
        return self._resolved(replace(resolution, as_of=None))

    def _resolved(self, resolution: Resolution) -> tuple[tuple[LockedPackage, ...], Resolution]:
        """Return the packages, and what was resolved at last.

        Packages without wheels are found by uv's refusal. uv then chooses their versions, whose
        dependencies are read from their source distributions, and resolves once more.

        Raises: ResolutionError, UnusableRequirementsError, PackageIndexUnavailableError.
        """
        with_wheels: set[str] = set()
        for _ in range(_ROUNDS):
            try:
                packages = self._packages(resolution)
            except ResolutionError as error:
                new = without_wheels(str(error)) - resolution.sources.keys() - with_wheels
                if not new:
                    raise
                resolution = resolution.taking({name: StaticMetadata() for name in sorted(new)})
                continue
            unread = [each for each in packages if _is_unread(each, resolution)]
            if not unread:
                return packages, resolution
            found = {each.name: self._metadata(each, resolution.python) for each in unread}
            # uv had named them on the way to its refusal: they are taken as wheels after all.
            with_wheels |= {name for name, metadata in found.items() if metadata is None}
            resolution = resolution.taking(found)
        raise UnusableRequirementsError(
            "Too many of the model's packages have no wheel: "
            f"{', '.join(sorted(resolution.sources))}. Log the model with versions that have one."
        )

    def _packages(self, resolution: Resolution) -> tuple[LockedPackage, ...]:
        return locked_packages(self.uv.resolve(resolution), python=resolution.python)

    def _metadata(self, package: LockedPackage, python: str) -> StaticMetadata | None:
        """Return what its source distribution says; None for a release that has a wheel.

        Raises: UnusableRequirementsError, PackageIndexUnavailableError.
        """
        if tags := self.index.wheel_tags(package.name, package.version):
            if any(takes(python, tag) for tag in tags):
                return None
            reason = no_wheel_reason(package.name, package.version, tags, python=python)
            raise UnusableRequirementsError(reason)
        if not self.allow_sources:
            raise UnusableRequirementsError(
                f"`{package.name}=={package.version}` has only a source distribution, and "
                "SOURCE_DISTRIBUTIONS refuses those. Log the model with a version that has a wheel."
            )
        return static_metadata(package, self.index.source(package))

    def _reasons(self, lines: RequirementLines, resolution: Resolution) -> list[str]:
        """Return what speaks against single lines; empty when each of them could be installed."""

        def reason(line: Requirement) -> str | None:
            alone = replace(resolution, requirements=[str(line)], constraints=())
            try:
                self._resolved(replace(alone, as_of=None, with_dependencies=False))
            except (ResolutionError, UnusableRequirementsError) as error:
                if FOR_GPUS.fullmatch(canonicalize_name(line.name)):
                    return gpu_reason([line.name])
                return " ".join(self._words(error, lines, resolution.python))
            return None

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(dict.fromkeys(filter(None, pool.map(reason, lines.resolvable))))

    def _words(self, error: Exception, lines: RequirementLines, python: str) -> tuple[str, ...]:
        if isinstance(error, UnusableRequirementsError):
            return error.reasons
        return (explained(str(error), python=python, named_index=lines.names_an_index),)


def _is_unread(package: LockedPackage, resolution: Resolution) -> bool:
    known = resolution.sources.get(package.name)
    return package.is_source and known is not None and known.version is None
