"""Texts that the tests put into whatever they send, to find them again where they must not be."""

from uuid import uuid4

HEADER = "canary-in-a-header"
BODY = "canary-in-a-body"
FRACTION = 0.000713377733
"""Added to numbers of bodies with up to two decimals: its digits are found again."""
DOUBLED_FRACTION = "1426755466"
"""The digits of twice the fraction."""
DELIVERY = "canary-in-a-delivery"
EXAMPLE = "canary-in-an-example"
MLMODEL = "canary-in-the-mlmodel"
REQUIREMENT = "canary-in-a-requirement"
CODE = "canary-in-the-code"
WEIGHTS = "canary-in-the-weights"
DESCRIPTION = "canary-in-a-description"
TAG = "canary-in-a-tag"
SECRET = "canary-of-a-guessed-secret"
_KEY = "canaryofakey"
_IDEMPOTENCY_KEY = "canary-as-a-key"

HEADERS = {
    "User-Agent": f"tests/1 {HEADER}",
    "Cookie": f"session={HEADER}",
    "Referer": f"https://example.org/?token={HEADER}",
    "X-Canary": HEADER,
}
"""Of every request to the API."""
METADATA = {"note": MLMODEL}
"""Of every model, which MLflow writes into its MLmodel."""

SENT = {
    "API key of a test": _KEY,
    "guessed secret": SECRET,
    "header": HEADER,
    "body": BODY,
    "number of a body": "0713377733",
    "number of an answer": DOUBLED_FRACTION,
    "idempotency key": _IDEMPOTENCY_KEY,
    "delivery": DELIVERY,
    "example": EXAMPLE,
    "MLmodel": MLMODEL,
    "requirement": REQUIREMENT,
    "code": CODE,
    "weights": WEIGHTS,
    "description": DESCRIPTION,
    "tag": TAG,
}
"""By what holds them."""


def api_key() -> str:
    """Return a new API key of the right form."""
    return f"hk_test_{_KEY}{uuid4().hex}"[: len("hk_test_") + 32]


def idempotency_key() -> str:
    """Return a new one."""
    return f"{_IDEMPOTENCY_KEY}-{uuid4().hex}"
