"""The models behind `candidates`.

They are sound where they are logged, as on their makers' machines, and bad on the endpoint.
"""

import os
import sys
import time

import cloudpickle
import mlflow
import numpy as np

# Or the pickles would name this module, which no endpoint has.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

_MORE_THAN_THERE_IS = 150


def on_endpoint() -> bool:
    """Whether this runs where our handler does."""
    return "HOKUS_DEPLOYMENT_ID" in os.environ


class Doubler(mlflow.pyfunc.PythonModel):
    """Doubles; what else happens on the endpoint, subclasses say."""

    def load_context(self, context):  # noqa: ARG002
        if on_endpoint():
            self.load()

    # Without type hints, which mlflow would take for the model's signature.
    def predict(self, context, model_input, params=None):  # noqa: ARG002
        doubled = np.asarray(model_input["x"], dtype=float) * 2
        return self.answer(doubled) if on_endpoint() else doubled

    def load(self):
        """What loading does on the endpoint."""

    def answer(self, doubled):
        """What is answered there instead of *doubled*."""
        return doubled


class Raises(Doubler):
    """Every prediction is an error."""

    def answer(self, doubled):  # noqa: ARG002
        raise RuntimeError("the lookup table is empty")


class WrongShape(Doubler):
    """A matrix where a vector was promised."""

    def answer(self, doubled):
        return np.column_stack([doubled, doubled])


class WrongType(Doubler):
    """Text where numbers were promised."""

    def answer(self, doubled):
        return [f"about {value:.0f}" for value in doubled]


class TooSlow(Doubler):
    """Right, but late."""

    def answer(self, doubled):
        time.sleep(2.3)
        return doubled


class NotANumber(Doubler):
    """NaN in one row."""

    def answer(self, doubled):
        doubled[1] = float("nan")
        return doubled


class CrashesLater(Doubler):
    """Ends its process at the third prediction."""

    calls = 0

    def answer(self, doubled):
        self.calls += 1
        if self.calls == 3:
            os._exit(7)
        return doubled


class NeedsTooMuchMemory(Doubler):
    """Grows while it is loaded until it is killed; where nobody does that, it ends by itself."""

    def load(self):
        self.weights = [b"x" * 10_000_000 for _ in range(_MORE_THAN_THERE_IS)]
        raise RuntimeError("nobody has limited the memory")


class NeedsMoreThanItSays(Doubler):
    """Imports a package that its requirements do not name."""

    def load(self):
        import sklearn  # noqa: F401, PLC0415


class CannotImport(Doubler):
    """Imports what its package does not have."""

    def load(self):
        from math import clamp  # type: ignore[attr-defined]  # noqa: F401, PLC0415


class ExitsAtStart(Doubler):
    """Ends its process while it is loaded."""

    def load(self):
        print("licence expired", flush=True)  # noqa: T201 - a container's last words
        os._exit(5)


class Silent(Doubler):
    """Never answers."""

    def answer(self, doubled):
        time.sleep(3600)
        return doubled
