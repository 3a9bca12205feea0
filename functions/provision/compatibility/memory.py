"""Memory that a model needs on an endpoint, estimated before it is started.

docs/costs.md has the measurements. The estimate is for the worst of them: it chooses an instance
and refuses nothing, since most models need a third of it. What refuses is `LEAST_BYTES`.
"""

LEAST_BYTES = 500_000_000
"""Memory that Python, MLflow, the server and the container need beside any model."""
WORK_BYTES = 200_000_000
"""Requests being worked on: bodies of up to 4 MB, and the tables that they become."""
PACKAGES_FACTOR = 1.6
"""Memory after importing what a model uses, over the size of all its packages as downloaded."""
MODEL_FACTOR = 6.0
"""Memory while a model is loaded, over the size of its files."""
BYTES_PER_GB = 10**9


def estimated_bytes(model_bytes: int | None, package_bytes: int | None) -> int | None:
    """Return the memory of a server with a model of these sizes; None when one is unknown."""
    if model_bytes is None or package_bytes is None:
        return None
    return round(WORK_BYTES + PACKAGES_FACTOR * package_bytes + MODEL_FACTOR * model_bytes)
