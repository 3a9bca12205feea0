"""Packages that a model asks for, and their lock."""

from dataclasses import dataclass
from datetime import datetime

NO_PACKAGES = (
    "The model has no requirements.txt and no conda.yaml with a pip section. Log it again with a "
    "current version of MLflow."
)
"""Reason against a model that does not say what to install."""


class UnusableRequirementsError(Exception):
    """The model's packages cannot be installed on an endpoint.

    Attributes:
        reasons: One or more sentences per fault, each with what to do.
    """

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class PackageIndexUnavailableError(Exception):
    """The package index does not answer: try again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPackages:
    """Packages that a model was logged with.

    Attributes:
        requirements: Its requirements.txt, or the lines of the pip section of its conda.yaml.
        constraints: Content of the files that these lines name with `-c`.
        mlflow_version: Version of the MLflow that logged it; None when unknown.
        logged_at: What it does not pin is taken as it was then; None: as it is now.
    """

    requirements: str
    constraints: str = ""
    mlflow_version: str | None = None
    logged_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """One package of a lock: the one file that is installed.

    Attributes:
        sha256: Of the file, in hexadecimal.
        size_bytes: Of the file, packed; None when the index does not say.
        is_source: The file is a source distribution, which is built when it is installed.
    """

    name: str
    version: str
    url: str
    sha256: str
    size_bytes: int | None
    is_source: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """Packages of a model for one Python on Linux x86-64.

    Attributes:
        python: Minor version, e.g. `3.12`.
        packages: In the order of their names.
        sources: Lines `name @ git+https://…@<commit>`. What they require is known only when they
            are built, so it is installed as far as it is among the packages.
        built_as_of: What is built is built with the tools of then; None: nothing is built, or with
            the tools of each start.
    """

    python: str
    packages: tuple[LockedPackage, ...]
    sources: tuple[str, ...] = ()
    built_as_of: datetime | None = None

    @property
    def text(self) -> str:
        """A requirements.txt: for each package the address of its file, and its hash.

        The addresses make it independent of the index: nothing is looked up at a start.
        """
        return "".join(
            f"{each.name} @ {each.url} --hash=sha256:{each.sha256}\n" for each in self.packages
        )

    @property
    def download_bytes(self) -> int | None:
        """Size of all files together; None when it is not known of each, as of those from git."""
        sizes = [each.size_bytes for each in self.packages if each.size_bytes is not None]
        is_whole = len(sizes) == len(self.packages) and not self.sources
        return sum(sizes) if is_whole else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for the timeline on what a start builds."""
        built = (
            f"{each.name} {each.version} has no wheel and is built at every start"
            for each in self.packages
            if each.is_source
        )
        fetched = (
            f"{each.partition(' ')[0]} comes from git and is built at every start, without what it "
            "requires and the model does not name"
            for each in self.sources
        )
        return (*built, *fetched)
