"""Custom models that double their input where they are logged, and go wrong on the endpoint.

`DoublingModel` itself is sound; each subclass has one fault, which shows only on an endpoint.
"""

import os
import sys
import time

import cloudpickle
import mlflow
import numpy as np

# Pickle the classes themselves: an endpoint cannot import this module.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

_TOO_MANY_BLOCKS = 150


def on_endpoint() -> bool:
    """Return whether this process is an endpoint's container."""
    return "HOKUS_DEPLOYMENT_ID" in os.environ


class DoublingModel(mlflow.pyfunc.PythonModel):
    """Doubles the column `x`; subclasses override what happens on the endpoint."""

    def load_context(self, context):  # noqa: ARG002
        if on_endpoint():
            self.load()

    # Without type hints, which mlflow would take for the model's signature.
    def predict(self, context, model_input, params=None):  # noqa: ARG002
        doubled = np.asarray(model_input["x"], dtype=float) * 2
        return self.answer(doubled) if on_endpoint() else doubled

    def load(self):
        """Run on the endpoint while the model is loaded."""

    def answer(self, doubled):
        """Return the endpoint's predictions; *doubled* are the right ones."""
        return doubled


class Raises(DoublingModel):
    """Raises at every prediction."""

    def answer(self, doubled):  # noqa: ARG002
        raise RuntimeError("the lookup table is empty")


class RaisesAtLargeNumbers(DoublingModel):
    """Raises at numbers above 1,000."""

    def answer(self, doubled):
        if np.any(doubled > 2_000):
            raise RuntimeError("the lookup table ends at 1,000")
        return doubled


class DiffersOnceInTwenty(DoublingModel):
    """Is off by one for numbers around the multiples of twenty."""

    def answer(self, doubled):
        around = np.floor(doubled / 2)
        return np.where(around % 20 == 0, doubled + 1, doubled)


class RaisesOrBlocksAtLargeNumbers(DoublingModel):
    """Raises at numbers above 1,000, and blocks at those above 2,000."""

    def answer(self, doubled):
        if np.any(doubled > 4_000):
            time.sleep(3600)
        if np.any(doubled > 2_000):
            raise RuntimeError("the lookup table ends at 1,000")
        return doubled


class FailsEveryTenthCall(DoublingModel):
    """Raises at every tenth prediction: after the ten or fewer of its verification."""

    calls = 0

    def answer(self, doubled):
        self.calls += 1
        if self.calls % 10 == 0:
            raise RuntimeError("the connection pool is exhausted")
        return doubled


class LoadsSlowly(DoublingModel):
    """Takes 20 s to load."""

    def load(self):
        time.sleep(20)


class WrongShape(DoublingModel):
    """Returns a matrix; its signature declares a vector."""

    def answer(self, doubled):
        return np.column_stack([doubled, doubled])


class WrongType(DoublingModel):
    """Returns strings; its signature declares numbers."""

    def answer(self, doubled):
        return [f"about {value:.0f}" for value in doubled]


class TooSlow(DoublingModel):
    """Answers correctly but takes 2.3 s."""

    def answer(self, doubled):
        time.sleep(2.3)
        return doubled


class NotANumber(DoublingModel):
    """Returns NaN for every row. (For some rows, NaN is a valid answer.)"""

    def answer(self, doubled):
        return np.full_like(doubled, np.nan)


class AnswersAtRandom(DoublingModel):
    """Answers otherwise at each prediction."""

    def answer(self, doubled):
        return doubled + np.random.default_rng().random()


class AnswersOtherwiseAfterAStart(DoublingModel):
    """Answers the same until it is loaded again."""

    def load(self):
        self.offset = np.random.default_rng().random()

    def answer(self, doubled):
        return doubled + self.offset


class CrashesLater(DoublingModel):
    """Exits at the third prediction."""

    calls = 0

    def answer(self, doubled):
        self.calls += 1
        if self.calls == 3:
            os._exit(7)
        return doubled


class NeedsTooMuchMemory(DoublingModel):
    """Allocates 1.5 GB while it is loaded; raises if no memory limit has stopped it by then."""

    def load(self):
        self.weights = [b"x" * 10_000_000 for _ in range(_TOO_MANY_BLOCKS)]
        raise RuntimeError("nobody has limited the memory")


class MissingRequirement(DoublingModel):
    """Imports a package that neither its requirements nor mlflow's list."""

    def load(self):
        import moto  # noqa: F401, PLC0415


class CannotImport(DoublingModel):
    """Imports a name that the module does not define."""

    def load(self):
        from math import clamp  # type: ignore[attr-defined]  # noqa: F401, PLC0415


class ExitsAtStart(DoublingModel):
    """Prints a message and exits while it is loaded."""

    def load(self):
        print("licence expired", flush=True)  # noqa: T201 - the container's log
        os._exit(5)


class NeverAnswers(DoublingModel):
    """Blocks at every prediction."""

    def answer(self, doubled):
        time.sleep(3600)
        return doubled
