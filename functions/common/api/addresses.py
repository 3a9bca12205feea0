"""Addresses of a model's routes."""

from urllib.parse import quote


def model_url(api_url: str, model_id: str) -> str:
    """Return the address of a model; *api_url* has no trailing slash."""
    return f"{api_url}/models/{quote(model_id, safe='')}"


def deployment_url(api_url: str, model_id: str, deployment_id: str) -> str:
    """Return the address of a deployment."""
    return f"{model_url(api_url, model_id)}/deployments/{deployment_id}"


def links(api_url: str, model_id: str) -> dict[str, str]:
    """Return the links of a model by their relation (RFC 8288)."""
    model = model_url(api_url, model_id)
    return {"self": model, "predict": f"{model}/predict", "openapi": f"{model}/openapi.json"}
