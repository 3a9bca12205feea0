"""Asks the image registry whether an image that is named by digest is there, without a download."""

from typing import Any

import httpx

from canary.findings import Finding

REGISTRY_URL = "https://ghcr.io"
_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_PLATFORM = {"os": "linux", "architecture": "amd64"}


def check_image(image: str, registry_url: str = REGISTRY_URL) -> Finding:
    """Look for *image*, `ghcr.io/<name>:<tag>@sha256:<digest>`, and for its linux/amd64 part."""
    name, _, digest = image.partition("@")
    repository = name.partition("/")[2].partition(":")[0]
    fact = f"image {name.partition('/')[2]}"
    try:
        manifest = _manifest(registry_url.rstrip("/"), repository, digest)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return Finding(fact, f"not found: {type(error).__name__}: {error}")
    platforms = [each.get("platform", {}) for each in manifest.get("manifests", [])]
    fits = any(_PLATFORM.items() <= platform.items() for platform in platforms)
    return Finding(fact, f"{digest[:19]}… is there" + (", linux/amd64 in it" if fits else ""))


def _manifest(registry_url: str, repository: str, digest: str) -> dict[str, Any]:
    """Return the manifest. Raises: httpx.HTTPError, ValueError, KeyError."""
    with httpx.Client(timeout=30, follow_redirects=True) as http:
        scope = {"scope": f"repository:{repository}:pull", "service": "ghcr.io"}
        token = http.get(f"{registry_url}/token", params=scope).raise_for_status().json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": ", ".join(_MANIFESTS)}
        answer = http.get(f"{registry_url}/v2/{repository}/manifests/{digest}", headers=headers)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found
