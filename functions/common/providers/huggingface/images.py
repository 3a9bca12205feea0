"""Images of the runtime `container`: CPython of one minor version, uv, git and libgomp.

A digest names the same bytes for ever. To renew one, take the digest of the index of the tag
`python3.X-bookworm` and let `make canary` start it.

Source: https://docs.astral.sh/uv/guides/integration/docker/ (tags; the entry point is empty).
"""

_REPOSITORY = "ghcr.io/astral-sh/uv"
_DIGESTS = {
    "3.10": "91129296fcfd6201ad611f114af87a64a32354a2e460c94af6ea438a997652c1",
    "3.11": "58683a39536f1f4ed2e1dd79cf155edccfb47731aba8964bd0312aac942126cf",
    "3.12": "9aa60c50016c0485636ab9a830246a6ef3399aa4a8bab3d17ef4a2358fba2ca7",
    "3.13": "47965cdc9d53a515f68f78241161c901e70051ce428f12e791bd7fe19f6a631a",
    "3.14": "73868e084ba4de5da1f7fb3c0cfa29edf93e1d965f9a1afe9a496fd6f97db574",
}
IMAGES = {
    python: f"{_REPOSITORY}:python{python}-bookworm@sha256:{digest}"
    for python, digest in _DIGESTS.items()
}
"""Addresses by the minor version of Python."""
