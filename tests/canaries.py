"""Canaries: texts that are found again wherever somebody repeats them."""

import base64


def traces(secret: str) -> set[str]:
    """Return texts that show *secret* in what holds it: itself, its half, and its inside in base64,
    which differs with its place."""
    inside = {base64.b64encode(b"." * pad + secret.encode()).decode()[4:24] for pad in range(3)}
    return {secret, secret[: max(12, len(secret) // 2)], *inside}
