"""Addresses of the API's routes, below the base that it is called by."""

from urllib.parse import quote


def list_for_model(api_url: str, model_id: str) -> str:
    """Of the model itself; *api_url* has no slash at its end."""
    return f"{api_url}/models/{quote(model_id, safe='')}"


def links(api_url: str, model_id: str) -> dict[str, str]:
    """What one can go to from a model, by the relation to it."""
    model = list_for_model(api_url, model_id)
    return {"self": model, "predict": f"{model}/predict", "openapi": f"{model}/openapi.json"}
