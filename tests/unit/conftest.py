"""mlflow warns about its own type hints while it is imported; our code's warnings stay errors."""

import os
import warnings

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mlflow.pyfunc  # noqa: F401
