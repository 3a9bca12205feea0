"""Hugging Face as seen by the organisation's owner, and faults ordered at the stand-in."""

from typing import Any, Self

import httpx

from infra.local.parts import NAMESPACE
from infra.local.system import LocalSystem

UNAVAILABLE = 503
"""Status of a prediction that reaches an endpoint without a running replica."""


class ProviderConsole:
    """Calls the control API with the owner's token, and the stand-in's admin API."""

    def __init__(self, system: LocalSystem) -> None:
        self._url = system.huggingface_url
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {system.huggingface_token}"}, timeout=30
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def plan_start(self, model: str, **plan: Any) -> None:
        """Set the start plan of the next endpoint of *model*; see the stand-in's README."""
        order = {"name": f"^hokus-{model}-", **plan}
        self._http.post(f"{self._url}/_standin/starts", json=order).raise_for_status()

    def describe(self, name: str) -> dict[str, Any] | None:
        """Return the endpoint of that name; None if there is none."""
        answer = self._http.get(self._endpoint(name))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def tagged(self, tag: str) -> list[str]:
        """Return the names of the endpoints with *tag*."""
        url = f"{self._url}/v2/endpoint/{NAMESPACE}"
        found = self._http.get(url, params={"tags": tag, "limit": 100}).raise_for_status()
        return [each["name"] for each in found.json()["items"] if tag in each["tags"]]

    def create(self, name: str, *, like: str, tags: list[str]) -> None:
        """Create an endpoint with the hardware and files of the endpoint *like*, and these *tags*.

        It never becomes healthy.
        """
        start = {"name": f"^{name}$", "never_healthy": True}
        self._http.post(f"{self._url}/_standin/starts", json=start).raise_for_status()
        other = self.describe(like)
        assert other is not None
        keys = ("type", "provider", "compute")
        model = {key: other["model"][key] for key in ("repository", "framework", "image")}
        body = {"name": name, "tags": tags, "model": model, **{key: other[key] for key in keys}}
        url = f"{self._url}/v2/endpoint/{NAMESPACE}"
        self._http.post(url, json=body).raise_for_status()

    def delete(self, name: str) -> None:
        """Delete the endpoint."""
        self._http.delete(self._endpoint(name)).raise_for_status()

    def pause(self, name: str) -> None:
        """Pause the endpoint."""
        self._http.post(f"{self._endpoint(name)}/pause").raise_for_status()

    def scale_to_zero(self, name: str) -> None:
        """Scale the endpoint to zero, which takes effect at once."""
        self._http.post(f"{self._endpoint(name)}/scale-to-zero").raise_for_status()

    def unanswered_call_times(self, name: str) -> list[float]:
        """Return the times of predictions that no replica answered; Unix seconds."""
        return [each["at_unix_s"] for each in self.calls(name) if each["status"] == UNAVAILABLE]

    def calls(self, name: str) -> list[dict[str, Any]]:
        """Return the prediction requests that the endpoint received: `at_unix_s`, `status`, …"""
        described = self.describe(name)
        assert described is not None
        path = httpx.URL(described["status"]["url"]).path
        query = {"method": "POST", "path": f"^{path}"}
        answer = self._http.get(f"{self._url}/_standin/requests", params=query)
        requests: list[dict[str, Any]] = answer.raise_for_status().json()["requests"]
        return requests

    def bill(self) -> dict[str, float]:
        """Return what each endpoint has cost until now in US dollars, by its name, those that are
        gone among them, by the stand-in's own meter."""
        answer = self._http.get(f"{self._url}/_standin/bill").raise_for_status()
        return {each["name"]: each["usd"] for each in answer.json()["endpoints"]}

    def _endpoint(self, name: str) -> str:
        return f"{self._url}/v2/endpoint/{NAMESPACE}/{name}"
