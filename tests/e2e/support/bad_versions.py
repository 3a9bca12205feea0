"""Model versions that must never go live: one for every kind of fault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from tests.e2e.support.doubling_model import EXAMPLE, WITH_ANOTHER_COLUMN, log_doubling_model
from tests.e2e.support.registered_models import PYTHON_MODEL_REQUIREMENTS

MEMORY_LIMIT_MB = 700


@dataclass(frozen=True, kw_only=True)
class BadVersion:
    """A version with one fault.

    Attributes:
        reason: Texts that the failed deployment's reason must contain.
        model: Its class in `faulty_models`.
        start: Start plan of its endpoint; see the stand-in's README.
        example: Rows of the columns that it takes.
        serves_files_of_live_version: The provider runs the live version's files instead.
    """

    name: str
    reason: tuple[str, ...]
    model: str = "DoublingModel"
    requirements: tuple[str, ...] = tuple(PYTHON_MODEL_REQUIREMENTS)
    start: Mapping[str, Any] = field(default_factory=dict)
    example: pd.DataFrame = field(default_factory=lambda: EXAMPLE)
    serves_files_of_live_version: bool = False

    def __str__(self) -> str:
        return self.name

    def log(self) -> str:
        """Log the model in MLflow; return its URI."""
        return log_doubling_model(self.model, self.requirements, self.example)


RAISES_AT_PREDICTION = BadVersion(
    name="500 after ready", reason=("the lookup table is empty",), model="Raises"
)
# The slowest to fail come first, so that the others run meanwhile.
BAD_VERSIONS = (
    BadVersion(
        name="unhealthy though running",
        reason=("running", "/health", "unhealthy"),
        start={"health_status": 500},
    ),
    BadVersion(name="silent", reason=("did not answer", "within"), model="NeverAnswers"),
    BadVersion(name="too slow", reason=("too slow", "2.0 s are allowed"), model="TooSlow"),
    BadVersion(name="crash after two calls", reason=("stopped answering",), model="CrashesLater"),
    RAISES_AT_PREDICTION,
    BadVersion(
        name="wrong output shape",
        reason=("signature", "At /0, the answer should be a number"),
        model="WrongShape",
    ),
    BadVersion(
        name="wrong output type",
        reason=("signature", "At /0, the answer should be a number"),
        model="WrongType",
    ),
    BadVersion(name="NaN only", reason=("nothing but null (NaN",), model="NotANumber"),
    BadVersion(
        name="wrong revision",
        reason=("serves other files than those published",),
        serves_files_of_live_version=True,
    ),
    BadVersion(
        name="out of memory at start",
        reason=("Exit code: 137", "memory"),
        model="NeedsTooMuchMemory",
        start={"memory_mb": MEMORY_LIMIT_MB},
    ),
    BadVersion(
        name="missing requirement",
        reason=("No module named 'moto'",),
        model="MissingRequirement",
    ),
    BadVersion(
        name="import error",
        reason=("cannot import name 'clamp' from 'math'",),
        model="CannotImport",
    ),
    BadVersion(
        name="bad requirements pin",
        reason=("pandas==99.0",),
        requirements=("cloudpickle", "pandas==99.0", "pyarrow"),
    ),
    BadVersion(
        name="needs another column",
        reason=("would break callers of version", "`y`"),
        example=WITH_ANOTHER_COLUMN,
    ),
    BadVersion(
        name="exit at start", reason=("Exit code: 5", "licence expired"), model="ExitsAtStart"
    ),
)
