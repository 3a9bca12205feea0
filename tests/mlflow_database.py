"""A new database of MLflow's, made once for all tests of a process."""

import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path

with warnings.catch_warnings():
    # mlflow warns about its own type hints while it is imported.
    warnings.simplefilter("ignore")
    import mlflow
    from mlflow import MlflowClient


def new_database(folder: Path) -> str:
    """Put MLflow's database, with nothing registered, into *folder*; return its address.

    MLflow goes through all versions of its tables for each new database: most of a second.
    """
    shutil.copy(_made_by_mlflow(), folder / "mlflow.db")
    return f"sqlite:///{folder}/mlflow.db"


@cache
def _made_by_mlflow() -> Path:
    file = Path(tempfile.mkdtemp(prefix="mlflow-")) / "mlflow.db"
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{file}")
    MlflowClient().search_registered_models()
    mlflow.set_tracking_uri(before)
    return file
