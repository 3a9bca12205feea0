"""One namespace on Hugging Face: the canary's endpoints and repositories, and what they cost.

Requests are made and answers read here as they are, without the product's own client: the answers
are what the canary is for.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

from functions.common.secrets import blotted

TAG = "hokus-canary"
"""On every endpoint of the canary; whatever bears it is deleted before and after a run."""
_POLL_S = 2.0
_TIMEOUT = httpx.Timeout(70, connect=10)
_GONE_WITHIN_S = 300.0


class CanaryError(Exception):
    """A step failed; the message says what Hugging Face answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Namespace, addresses and machine of a run.

    Attributes:
        token: Sent to these addresses and to endpoints; never printed.
    """

    namespace: str
    token: str = field(repr=False)
    api_url: str
    hub_url: str
    vendor: str = "aws"
    region: str = "us-east-1"
    instance_type: str = "intel-spr"
    instance_size: str = "x1"


@dataclass(slots=True)
class Started:
    """An endpoint of this run; *created_s* and *gone_s* are on the monotonic clock."""

    name: str
    created_s: float
    gone_s: float | None = None


class Account:
    """Creates, watches and deletes the canary's endpoints and repositories."""

    def __init__(self, place: Place, *, poll_s: float = _POLL_S) -> None:
        self.place = place
        self._poll_s = poll_s
        self._started: list[Started] = []
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {place.token}", "Accept": "application/json"},
            timeout=_TIMEOUT,
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Create an endpoint by *body*; return the answer."""
        self._started.append(Started(body["name"], time.monotonic()))
        created: dict[str, Any] = self._ask("POST", self._endpoints, json={**body, "tags": [TAG]})
        return created

    def adopt(self, name: str) -> None:
        """Count an endpoint that the product itself has created as this run's."""
        self._started.append(Started(name, time.monotonic()))

    def describe(self, name: str) -> dict[str, Any]:
        """Return the endpoint's document."""
        described: dict[str, Any] = self._ask("GET", f"{self._endpoints}/{name}")
        return described

    def act(self, name: str, action: str) -> None:
        """Do `pause`, `resume` or `scale-to-zero`."""
        self._ask("POST", f"{self._endpoints}/{name}/{action}")

    def wait(self, name: str, *states: str, within_s: float) -> tuple[dict[str, Any], float]:
        """Wait until the endpoint is in one of *states*; return its document and the seconds.

        Raises: CanaryError (another final state, or the time has passed).
        """
        began = time.monotonic()
        while (waited := time.monotonic() - began) < within_s:
            document = self.describe(name)
            state = document["status"]["state"]
            if state in states:
                return document, waited
            if state in ("failed", "updateFailed"):
                said = self.without_token(str(document["status"].get("message")))
                raise CanaryError(f"{name} is {state}: {said}")
            time.sleep(self._poll_s)
        raise CanaryError(f"{name} was not {' or '.join(states)} within {within_s:.0f} s.")

    def call(self, method: str, url: str, **request: Any) -> httpx.Response:
        """Call an endpoint, with the token. Raises: httpx.HTTPError."""
        return self._http.request(method, url, **request)

    def hourly_price_usd(self) -> float | None:
        """Return the price of the place's instance; None where the list does not have it."""
        listed = self._ask("GET", f"{self.place.api_url}/v2/provider/{self.place.namespace}")
        for vendor in listed["vendors"]:
            for region in vendor["regions"]:
                for compute in region["computes"]:
                    if (vendor["name"], region["name"]) == (self.place.vendor, self.place.region):
                        found = (compute["instanceType"], compute["instanceSize"])
                        if found == (self.place.instance_type, self.place.instance_size):
                            return float(compute["pricePerHour"])
        return None

    def hours(self) -> float:
        """Return the hours that this run's endpoints have existed: at most these are paid for."""
        now_s = time.monotonic()
        return sum((each.gone_s or now_s) - each.created_s for each in self._started) / 3600

    def delete(self, name: str) -> float:
        """Delete an endpoint and its repository; return the seconds until it was gone."""
        began = time.monotonic()
        self._remove(name)
        for each in self._started:
            if each.name == name:
                each.gone_s = time.monotonic()
        return time.monotonic() - began

    def delete_everything(self) -> list[str]:
        """Delete every endpoint with the canary's tag or of this run; return their names."""
        listed = self._ask("GET", self._endpoints, params={"tags": TAG, "limit": "100"})
        tagged = [each["name"] for each in listed["items"] if TAG in (each.get("tags") or ())]
        left = dict.fromkeys([*tagged, *(each.name for each in self._started if not each.gone_s)])
        for name in left:
            self.delete(name)
        return list(left)

    @contextmanager
    def endpoint(self, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Create an endpoint, whose answer is given, and delete it after the block."""
        answer = self.create(body)
        try:
            yield answer
        finally:
            self.delete(body["name"])

    @property
    def _endpoints(self) -> str:
        return f"{self.place.api_url}/v2/endpoint/{self.place.namespace}"

    def _remove(self, name: str) -> None:
        self._tolerant("DELETE", f"{self._endpoints}/{name}")
        repository = {"name": name, "organization": self.place.namespace, "type": "model"}
        self._tolerant("DELETE", f"{self.place.hub_url}/api/repos/delete", json=repository)
        began = time.monotonic()
        while self._http.get(f"{self._endpoints}/{name}").status_code != httpx.codes.NOT_FOUND:
            if time.monotonic() - began > _GONE_WITHIN_S:
                raise CanaryError(f"{name} is still there. Delete it by hand: it costs money.")
            time.sleep(self._poll_s)

    def _tolerant(self, method: str, url: str, **request: Any) -> None:
        answer = self._http.request(method, url, **request)
        if not answer.is_success and answer.status_code != httpx.codes.NOT_FOUND:
            raise CanaryError(self._refusal(method, url, answer))

    def _ask(self, method: str, url: str, **request: Any) -> Any:
        answer = self._http.request(method, url, **request)
        if not answer.is_success:
            raise CanaryError(self._refusal(method, url, answer))
        return answer.json()

    def _refusal(self, method: str, url: str, answer: httpx.Response) -> str:
        return f"{method} {url}: {answer.status_code} {self.without_token(answer.text)[:300]}"

    def without_token(self, text: str) -> str:
        """Return *text*, which another has written, without the token."""
        return blotted(text, self.place.token)
