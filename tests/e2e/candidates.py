"""A good model, and versions of it that must never go live: one for every way to be bad."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature

from tests.e2e import models

EXAMPLE = pd.DataFrame({"x": [1.0, 2.0, -3.5]})
BODY = {"dataframe_records": [{"x": 1.0}, {"x": 2.0}, {"x": -3.5}]}
DOUBLED = [2.0, 4.0, -7.0]
SHORT_OF_MEMORY_MB = 700


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One way to be bad.

    Attributes:
        model: Its class in `doublers`.
        words: What the reason must say; the cause, in words that its maker understands.
        start: How its endpoint starts at the provider; see the stand-in's README.
        served_by_another: The provider serves the live version's files for it.
    """

    name: str
    words: tuple[str, ...]
    model: str = "Doubler"
    requirements: tuple[str, ...] = tuple(models.PYTHON_MODEL_REQUIREMENTS)
    start: Mapping[str, Any] = field(default_factory=dict)
    served_by_another: bool = False

    def __str__(self) -> str:
        return self.name


CANDIDATES = (
    # The slow ones first: others can be tried meanwhile.
    Candidate(
        name="unhealthy though running",
        words=("running", "/health", "unhealthy"),
        start={"health_status": 500},
    ),
    Candidate(name="silent", words=("did not answer", "within"), model="Silent"),
    Candidate(name="too slow", words=("too slow", "2.0 s are allowed"), model="TooSlow"),
    Candidate(name="crash after two calls", words=("stopped answering",), model="CrashesLater"),
    Candidate(name="500 after ready", words=("the lookup table is empty",), model="Raises"),
    Candidate(
        name="wrong output shape", words=("signature", "Row 1", "list of 2"), model="WrongShape"
    ),
    Candidate(name="wrong output type", words=("signature", "Row 1", "string"), model="WrongType"),
    Candidate(name="NaN", words=("Row 2", "null (NaN"), model="NotANumber"),
    Candidate(
        name="wrong revision",
        words=("serves other files than those published",),
        served_by_another=True,
    ),
    Candidate(
        name="out of memory at start",
        words=("Exit code: 137", "memory"),
        model="NeedsTooMuchMemory",
        start={"memory_mb": SHORT_OF_MEMORY_MB},
    ),
    Candidate(
        name="missing requirement",
        words=("No module named 'sklearn'",),
        model="NeedsMoreThanItSays",
    ),
    Candidate(
        name="import error",
        words=("cannot import name 'clamp' from 'math'",),
        model="CannotImport",
    ),
    Candidate(
        name="bad requirements pin",
        words=("pandas==99.0",),
        requirements=("cloudpickle", "pandas==99.0", "pyarrow"),
    ),
    Candidate(
        name="exit at start", words=("Exit code: 5", "licence expired"), model="ExitsAtStart"
    ),
)


def logged(candidate: Candidate | None = None) -> str:
    """Log *candidate*, or None: the good model; its address."""
    chosen = candidate or Candidate(name="good", words=())
    return models.logged(
        lambda: mlflow.pyfunc.log_model(
            name="model",
            python_model=_made(chosen.model),
            signature=infer_signature(EXAMPLE, np.array(DOUBLED)),
            input_example=EXAMPLE,
            pip_requirements=list(chosen.requirements),
        )
    )


def _made(class_name: str) -> Any:
    """Imported only here: MLflow has much to warn of when its base class is."""
    return getattr(importlib.import_module("tests.e2e.doublers"), class_name)()


def registered(name: str, uri: str) -> str:
    """Register what was logged at *uri* as the next version of *name*; the version."""
    return str(mlflow.register_model(uri, name).version)
