"""What a user of the system does: calls the API, and looks at the stand-ins from outside."""

from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4

import httpx

from infra.local.processes import wait_for
from infra.local.system import LocalSystem

DEPLOYMENT_TIMEOUT_S = 300
"""Ample: the first deployment of a set of requirements installs them."""
SOON_S = 120
"""Ample for everything else."""
LOOK_EVERY_S = 0.3
"""Looking costs the system more than waiting; tests that wait at the same time are many."""


def soon(condition: Callable[[], bool], *, timeout_s: float = SOON_S) -> bool:
    """Whether *condition* came true in time."""
    return wait_for(condition, timeout_s=timeout_s, every_s=LOOK_EVERY_S)


class Client:
    """Calls of one API key."""

    def __init__(self, system: LocalSystem, *, key: str | None = None) -> None:
        self._system = system
        key = system.api_key if key is None else key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(base_url=system.api_url, headers=headers, timeout=90)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def predict(self, model: str, body: Any) -> httpx.Response:
        """POST to the model's predict route."""
        return self.http.post(f"models/{model}/predict", json=body)

    def deployment(self, model: str, version: str) -> dict[str, Any] | None:
        """What the API tells of this version's deployment; None before there is one."""
        answer = self.http.get(f"models/{model}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        answer.raise_for_status()
        found = [each for each in answer.json()["deployments"] if each["model_version"] == version]
        return found[0] if found else None

    def wait_until_ended(self, model: str, version: str) -> dict[str, Any]:
        """The deployment once its workflow has come to a status that stays."""
        ended: dict[str, Any] = {}

        def has_ended() -> bool:
            found = self.deployment(model, version)
            if found and found["status"] in {"deployed", "failed", "stopped"}:
                ended.update(found)
            return bool(ended)

        assert soon(has_ended, timeout_s=DEPLOYMENT_TIMEOUT_S), self.deployment(model, version)
        return ended

    def wait_until_live(self, model: str, version: str) -> dict[str, Any]:
        """The deployment once it serves; fails with its reason when it does not come to that."""
        ended = self.wait_until_ended(model, version)
        assert "deployed" == ended["status"], ended
        return ended

    def serving(self, model: str) -> dict[str, Any] | None:
        """The deployment that serves; None when there is none."""
        answer = self.http.get(f"models/{model}")
        known = answer.json()["deployments"] if answer.is_success else []
        return next((each for each in known if each["status"] == "deployed"), None)

    def wait_until_serving(
        self, model: str, version: str, *, other_than: str | None = None
    ) -> dict[str, Any]:
        """The deployment by which *version* serves, once it does; *other_than* is one's id."""
        found: dict[str, Any] = {}

        def serves() -> bool:
            serving = self.serving(model)
            if serving and serving["model_version"] == version and serving["id"] != other_than:
                found.update(serving)
            return bool(found)

        done = soon(serves, timeout_s=DEPLOYMENT_TIMEOUT_S)
        assert done, self.http.get(f"models/{model}").text
        return found

    def wait_until_failed(self, model: str, version: str, *, times: int) -> dict[str, Any]:
        """The last of the version's deployments, when so many have failed."""
        failed: list[dict[str, Any]] = []

        def have_failed() -> bool:
            known = self.http.get(f"models/{model}").raise_for_status().json()["deployments"]
            of_version = [each for each in known if each["model_version"] == version]
            failed[:] = [each for each in of_version if each["status"] == "failed"]
            return len(failed) == times

        done = soon(have_failed, timeout_s=DEPLOYMENT_TIMEOUT_S)
        assert done, self.http.get(f"models/{model}").text
        return failed[0]

    def redeploy(self, model: str, version: str) -> httpx.Response:
        """Ask for that version to be deployed, as an operator."""
        return self.http.post(f"models/{model}/deployments", json={"model_version": version})

    def undeploy(self, model: str) -> httpx.Response:
        """Ask for the model to serve nothing."""
        return self.http.delete(f"models/{model}/deployments")

    def redrive(self, model: str, deployment_id: str) -> httpx.Response:
        """Ask for a failed deployment to be tried again."""
        return self.http.post(f"models/{model}/deployments/{deployment_id}/redrive")

    def reconcile(self, model: str, *, dry_run: bool = False) -> httpx.Response:
        """Have the model looked at now."""
        query = {"dry_run": "true"} if dry_run else {}
        return self.http.post(f"models/{model}/deployments/reconcile", params=query)

    def endpoints(self) -> dict[str, dict[str, Any]]:
        """The endpoints that Hugging Face has, by name, as its control API lists them."""
        token = {"Authorization": f"Bearer {self._system.huggingface_token}"}
        url = f"{self._system.huggingface_url}/v2/endpoint/hokus"
        answer = httpx.get(url, params={"limit": 1000}, headers=token)
        answer.raise_for_status()
        return {each["name"]: each for each in answer.json()["items"]}

    def endpoints_of(self, deployment: dict[str, Any]) -> list[str]:
        """Names of the endpoints that carry this deployment's tag."""
        return [
            name
            for name, endpoint in self.endpoints().items()
            if any(deployment["id"] in tag for tag in endpoint["tags"])
        ]


def key_with(system: LocalSystem, *scopes: str) -> str:
    """A new good key with those scopes."""
    key = "hk_test_" + uuid4().hex
    rule = {"key": key, "answer": {"scopes": list(scopes)}}
    httpx.post(f"{system.auth_url}/_standin/keys", json=rule).raise_for_status()
    return key
