"""A further check for schemathesis, which loads this file itself."""

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

PROBLEM = "application/problem+json"
NOT_ALLOWED = 405
"""Undocumented methods: schemathesis has its own check for them."""


@schemathesis.check
def documented_code(_ctx: CheckContext, response: Response, case: Case) -> None:
    """Check that the document names the error's `code` for this operation and status."""
    is_problem = PROBLEM in response.headers.get("content-type", [""])[0]
    if not is_problem or response.status_code == NOT_ALLOWED:
        return
    answers = case.operation.definition.raw["responses"]
    named = answers.get(str(response.status_code), {}).get("content", {}).get(PROBLEM, {})
    code = response.json()["code"]
    assert code in named.get("examples", {}), f"{response.status_code} {code} is not documented"
