"""Names of models, which are the registry's, as they stand in an address."""

from urllib.parse import unquote

from functions.common.errors import ModelNotFoundError

MAX_CHARACTERS = 256
"""MLflow's own limit on the name of a registered model."""
_NEVER = frozenset("/:")


def is_possible(name: str) -> bool:
    """Whether MLflow could have a model of this name."""
    return 0 < len(name) <= MAX_CHARACTERS and not _NEVER & set(name)


def name_in(segment: str) -> str:
    """The name that a path's percent-encoded *segment* is.

    Raises: ModelNotFoundError (no model can have it, so there is nothing to look up).
    """
    name = unquote(segment)
    if not is_possible(name):
        raise ModelNotFoundError("No model can have this name.")
    return name
