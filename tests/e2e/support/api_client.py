"""A client of the API with one key, as a caller or an operator has."""

from typing import Any, Self
from urllib.parse import quote

import httpx

from infra.local.system import LocalSystem
from tests.e2e.support import canaries
from tests.e2e.support.waiting import DEPLOYMENT_TIMEOUT_S, eventually

ANSWERS: set[str] = set()
"""Whatever the API has answered to the clients of this process, with its headers."""


def remember(answer: httpx.Response) -> None:
    """Keep an answer for the search of all answers after the last test."""
    ANSWERS.add(f"{answer.status_code} {answer.headers.multi_items()} {answer.read().decode()}")


def path_of(model: str, rest: str = "") -> str:
    """Return the path of a model's route; the name is encoded, whatever it holds."""
    return f"models/{quote(model, safe='')}{rest}"


class ApiClient:
    """Calls the API with one key.

    It also lists endpoints at the provider, which the API does not show.
    """

    def __init__(self, system: LocalSystem, *, key: str | None = None) -> None:
        """Use *key*; None: the system's valid one, empty: none."""
        self._system = system
        key = system.api_key if key is None else key
        headers = canaries.HEADERS | ({"Authorization": f"Bearer {key}"} if key else {})
        self.http = httpx.Client(
            base_url=system.api_url,
            headers=headers,
            timeout=90,
            event_hooks={"response": [remember]},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def predict(self, model: str, body: Any) -> httpx.Response:
        """POST *body* to the model's predict route."""
        return self.http.post(path_of(model, "/predict"), json=body)

    def deployment(self, model: str, version: str) -> dict[str, Any] | None:
        """Return the newest deployment of this version; None if there is none."""
        answer = self.http.get(path_of(model))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        found = [each for each in answer.json()["deployments"] if each["model_version"] == version]
        return found[0] if found else None

    def serving_deployment(self, model: str) -> dict[str, Any] | None:
        """Return the deployment that serves the model; None if there is none."""
        answer = self.http.get(path_of(model))
        deployments = answer.json()["deployments"] if answer.is_success else []
        return next((each for each in deployments if each["status"] == "deployed"), None)

    def wait_until_ended(self, model: str, version: str) -> dict[str, Any]:
        """Wait until the version's deployment is deployed, failed or stopped; return it."""
        ended: dict[str, Any] = {}

        def has_ended() -> bool:
            found = self.deployment(model, version)
            if found and found["status"] in {"deployed", "failed", "stopped"}:
                ended.update(found)
            return bool(ended)

        done = eventually(has_ended, timeout_s=DEPLOYMENT_TIMEOUT_S)
        assert done, self.deployment(model, version)
        return ended

    def wait_until_live(self, model: str, version: str) -> dict[str, Any]:
        """Wait until the version's deployment ends; return it, and fail unless it is deployed."""
        ended = self.wait_until_ended(model, version)
        assert "deployed" == ended["status"], ended
        return ended

    def wait_until_serving(
        self, model: str, version: str, *, other_than: str | None = None
    ) -> dict[str, Any]:
        """Wait until *version* serves, whatever failed before; return its deployment.

        *other_than* is the id of a deployment that does not count.
        """
        found: dict[str, Any] = {}

        def serves() -> bool:
            serving = self.serving_deployment(model)
            if serving and serving["model_version"] == version and serving["id"] != other_than:
                found.update(serving)
            return bool(found)

        done = eventually(serves, timeout_s=DEPLOYMENT_TIMEOUT_S)
        assert done, self.http.get(path_of(model)).text
        return found

    def wait_until_failed(self, model: str, version: str, *, times: int) -> dict[str, Any]:
        """Wait until *times* deployments of the version have failed; return the newest."""
        failed: list[dict[str, Any]] = []

        def have_failed() -> bool:
            # Nothing is known of the model until its webhook is delivered.
            known = self.http.get(path_of(model)).json().get("deployments", ())
            of_version = [each for each in known if each["model_version"] == version]
            failed[:] = [each for each in of_version if each["status"] == "failed"]
            return len(failed) == times

        done = eventually(have_failed, timeout_s=DEPLOYMENT_TIMEOUT_S)
        assert done, self.http.get(path_of(model)).text
        return failed[0]

    def listed_status(self, model: str) -> str | None:
        """Return the model's status in the list of models; None when it is not in it."""
        query = {"limit": "100"}
        while True:
            page = self.http.get("models", params=query).raise_for_status().json()
            for each in page["models"]:
                if each["model_id"] == model:
                    return str(each["status"])
            if "next_cursor" not in page:
                return None
            query["cursor"] = page["next_cursor"]

    def redeploy(self, model: str, version: str) -> httpx.Response:
        """Request a deployment of that version; needs a write scope."""
        return self.http.post(path_of(model, "/deployments"), json={"model_version": version})

    def undeploy(self, model: str) -> httpx.Response:
        """Request that the model serves nothing; needs a write scope."""
        return self.http.delete(path_of(model, "/deployments"))

    def redrive(self, model: str, deployment_id: str) -> httpx.Response:
        """Request another attempt of a failed deployment; needs a write scope."""
        return self.http.post(path_of(model, f"/deployments/{deployment_id}/redrive"))

    def reconcile(self, model: str, *, dry_run: bool = False) -> httpx.Response:
        """Request that the model is reconciled now; needs a write scope."""
        query = {"dry_run": "true"} if dry_run else {}
        return self.http.post(path_of(model, "/deployments/reconcile"), params=query)

    def endpoints(self) -> dict[str, dict[str, Any]]:
        """Return all endpoints by name, as Hugging Face's control API lists them."""
        token = {"Authorization": f"Bearer {self._system.huggingface_token}"}
        url = f"{self._system.huggingface_url}/v2/endpoint/hokus"
        answer = httpx.get(url, params={"limit": 1000}, headers=token)
        answer.raise_for_status()
        return {each["name"]: each for each in answer.json()["items"]}

    def endpoints_of(self, deployment: dict[str, Any]) -> list[str]:
        """Return the names of the endpoints that are tagged with this deployment's id."""
        return [
            name
            for name, endpoint in self.endpoints().items()
            if any(deployment["id"] in tag for tag in endpoint["tags"])
        ]
