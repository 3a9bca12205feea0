"""`HF_TOKEN=… python -m canary --namespace NS`: try the product on the real Hugging Face.

Endpoints are created on the smallest CPU instance and deleted again, also when a step fails or the
run is interrupted; the default instance costs 0.033 USD an hour.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from secrets import token_hex

import httpx

from canary import probing, serving
from canary.account import Account, CanaryError, Place
from canary.findings import Finding, table
from canary.images import REGISTRY_URL, check_image
from functions.common.failures import described
from functions.common.packages.model_packages import (
    PackageIndexUnavailableError,
    UnusableRequirementsError,
)
from functions.common.providers.base import ProviderControlError
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.huggingface.provider import HuggingFace
from functions.common.providers.packaging import HubRefusedError
from functions.common.secrets import SecretUnavailableError, header_value
from infra.command_line import describe_failures

_PROBE_PYTHON = "3.13"


_FAILURES = (
    CanaryError,
    ProviderControlError,
    HubRefusedError,
    PackageIndexUnavailableError,
    UnusableRequirementsError,
    httpx.HTTPError,
)


class _OneSecret:
    """`Secrets` that holds the token."""

    def __init__(self, token: str) -> None:
        self._token = token

    def current(self, _name: str) -> str:
        return self._token

    def renewed(self, _name: str) -> str:
        return self._token

    def previous(self, _name: str) -> str | None:
        return None


def main() -> int:
    """Run every part; return 0 when none failed, 2 without a token."""
    arguments = _arguments()
    token = os.environ.pop("HF_TOKEN", "").strip()
    if not token:
        print("Set HF_TOKEN to a token that may manage endpoints and write repositories.")
        return 2
    describe_failures()
    try:
        header_value(token, name="HF_TOKEN")
    except SecretUnavailableError as error:
        print(error)
        return 2
    # An interruption has to pass through `finally`: what is not deleted costs money.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    place = Place(
        namespace=arguments.namespace,
        token=token,
        api_url=arguments.api_url.rstrip("/"),
        hub_url=arguments.hub_url.rstrip("/"),
    )
    with Account(place) as account:
        return _run(account, _provider(arguments, token), arguments)


def _run(account: Account, provider: HuggingFace, arguments: argparse.Namespace) -> int:
    findings: list[Finding] = []
    failed = False
    try:
        for left in account.delete_everything():
            print(f"deleted what an earlier run has left: {left}")
        for part, found in _parts(account, provider, arguments).items():
            print(f"{part} …")
            try:
                for finding in found:
                    answer = account.without_token(finding.answer)
                    findings.append(Finding(finding.fact, answer))
                    print(f"  {finding.fact}: {answer}")
            except _FAILURES as error:
                failed = True
                findings.append(Finding(part, f"FAILED: {described(error)}"))
                print(f"  {findings[-1].answer}")
    finally:
        deleted = account.delete_everything()
        print(f"deleted: {', '.join(deleted) or 'nothing was left'}")
    findings.append(_cost(account))
    print(f"\n{table(findings)}")
    return 1 if failed else 0


def _parts(
    account: Account, provider: HuggingFace, arguments: argparse.Namespace
) -> dict[str, Iterator[Finding]]:
    """Return the parts of a run by name; each begins when its findings are asked for."""
    run, within_s = token_hex(3), arguments.start_within_min * 60
    parts = {
        "images": (check_image(image, arguments.registry_url) for image in IMAGES.values()),
        "probe": _probe(account, provider, f"hokus-canary-{run}-probe", arguments),
    }
    for runtime in serving.PYTHONS:
        name = f"hokus-canary-{run}-{runtime}"
        parts[runtime] = serving.deployed(account, provider, name, runtime, within_s=within_s)
    if arguments.try_deadline_min:
        name = f"hokus-canary-{run}-slow"
        parts["start deadline"] = _deadline(account, provider, name, arguments)
    return parts


def _probe(
    account: Account, provider: HuggingFace, name: str, arguments: argparse.Namespace
) -> Iterator[Finding]:
    within_s = arguments.start_within_min * 60
    revision = probing.publish(provider.model_hub(), f"{account.place.namespace}/{name}")
    body = probing.create_body(account, name, image=IMAGES[_PROBE_PYTHON], revision=revision)
    with account.endpoint(body) as answer:
        yield from probing.echoes(body, answer, "create")
        shown, started_s = account.wait(name, "running", within_s=within_s)
        yield Finding("first start to running", f"{started_s:.0f} s")
        yield from probing.echoes(body, shown, "GET")
        url = shown["status"]["url"]
        yield from probing.container_facts(account, url)
        yield from probing.statuses(account, url)
        yield from probing.sizes_and_times(account, url, tuple(arguments.wait_s))
        yield from probing.restarts(account, name, url, within_s=within_s)


def _deadline(
    account: Account, provider: HuggingFace, name: str, arguments: argparse.Namespace
) -> Iterator[Finding]:
    """Watch how long a container may be unhealthy before the platform gives it up."""
    revision = probing.publish(provider.model_hub(), f"{account.place.namespace}/{name}")
    image = IMAGES[_PROBE_PYTHON]
    body = probing.create_body(account, name, image=image, revision=revision, health=503)
    fact = "a container that stays unhealthy"
    with account.endpoint(body):
        try:
            account.wait(name, "running", within_s=arguments.try_deadline_min * 60)
            yield Finding(fact, "is taken to be running")
        except CanaryError as error:
            yield Finding(fact, str(error))


def _provider(arguments: argparse.Namespace, token: str) -> HuggingFace:
    """Return the product's provider, whose settings are those of a function's environment."""
    os.environ.update(
        HUGGINGFACE_NAMESPACE=arguments.namespace,
        HUGGINGFACE_TOKEN_SECRET="token",  # noqa: S106 - a name
        HUGGINGFACE_API_URL=arguments.api_url,
        HUGGINGFACE_HUB_URL=arguments.hub_url,
        ENDPOINT_DOMAIN=arguments.endpoint_domain,
    )
    return HuggingFace(_OneSecret(token))


def _cost(account: Account) -> Finding:
    hours, price = account.hours(), account.hourly_price_usd()
    cost = "price unknown" if price is None else f"at most {hours * price:.4f} USD"
    return Finding("cost of this run", f"{hours:.3f} endpoint hours, {cost}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m canary")
    parser.add_argument("--namespace", required=True, help="user or organisation that pays")
    parser.add_argument("--start-within-min", type=float, default=30, help="patience with a start")
    parser.add_argument(
        "--wait-s", type=float, nargs="*", default=[10, 35, 65, 125], help="slow answers to try"
    )
    parser.add_argument(
        "--try-deadline-min", type=float, default=0, help="keep one container unhealthy so long"
    )
    parser.add_argument("--api-url", default="https://api.endpoints.huggingface.cloud")
    parser.add_argument("--hub-url", default="https://huggingface.co")
    parser.add_argument("--endpoint-domain", default="endpoints.huggingface.cloud")
    parser.add_argument("--registry-url", default=REGISTRY_URL)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
