"""What an answer to a model's own input example says of the model. Pure."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from jiter import from_json

from functions.common.answers.fingerprint import Fingerprint
from functions.common.deployments.record import Deployment
from functions.common.signatures.check import mismatch
from functions.uptime.api import ApiAnswer

KEY_REFUSED = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN}
)
"""The key is not good for any model."""
_SAY_NOTHING = KEY_REFUSED | {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.NOT_FOUND}
"""The key is refused or limited, or the model has been undeployed a moment ago."""
_CODE = re.compile(r"[a-z][a-z_]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckVerdict:
    """Outcome of a check.

    Attributes:
        available: None: the check says nothing about the model.
        code: Why not; empty for a model that answered.
        status: HTTP status; 0 without an answer.
        key_refused: No other check with the same key can succeed.
        answer_changed: The model answered otherwise than when it was verified; None: that was not
            compared.
    """

    available: bool | None
    code: str = ""
    status: int = 0
    key_refused: bool = False
    answer_changed: bool | None = None


def verdict_of(answer: ApiAnswer, deployment: Deployment, tolerance: float) -> CheckVerdict:
    """Judge *answer* to the input example of *deployment*, whose numbers may be off by *tolerance*.

    A status of 500 or more and an answer of another form are an unavailable model, and so is any
    other refusal: the example was answered when the deployment was verified. A refused or limited
    key is the check's own fault.
    """
    status = answer.status
    if status == HTTPStatus.OK:
        content = _object(answer.content)
        if fault := _fault_of_form(content, deployment):
            return CheckVerdict(available=False, code=fault, status=status)
        changed = _is_changed(content or {}, deployment, tolerance)
        return CheckVerdict(available=True, status=status, answer_changed=changed)
    code = _code(answer.content) or f"http_{status}"
    if status in _SAY_NOTHING:
        return CheckVerdict(
            available=None, code=code, status=status, key_refused=status in KEY_REFUSED
        )
    return CheckVerdict(available=False, code=code, status=status)


def _fault_of_form(answer: dict[str, Any] | None, deployment: Deployment) -> str | None:
    """Return the code of what is wrong with an answer 200; None when nothing is."""
    if answer is None:
        return "answer_not_json"
    metadata = answer.get("metadata")
    if "predictions" not in answer or not isinstance(metadata, dict):
        return "answer_incomplete"
    schema = deployment.contract.answer_schema if _is_of(answer, deployment) else None
    if mismatch(answer["predictions"], schema):
        return "answer_mismatch"
    return None


def _is_of(answer: dict[str, Any], deployment: Deployment) -> bool:
    """Another one may have gone live since the record was read; it is not known here."""
    return bool(answer["metadata"].get("deployment_id") == deployment.id)


def _is_changed(answer: dict[str, Any], deployment: Deployment, tolerance: float) -> bool | None:
    """Return whether it is another answer than the verified one; None: not known."""
    verified = Fingerprint.parsed(deployment.package.answer_fingerprint or "")
    if verified is None or not _is_of(answer, deployment):
        return None
    return not Fingerprint.of(answer["predictions"]).agrees_with(verified, tolerance)


def _code(content: bytes) -> str | None:
    """Return the code of a problem (RFC 9457)."""
    problem = _object(content)
    code = problem.get("code") if problem else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        parsed = from_json(content)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
