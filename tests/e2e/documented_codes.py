"""A check of ours for schemathesis, which loads this file itself: of a status, an answer's code is
one of those that the document names."""

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case

PROBLEM = "application/problem+json"
NOT_ALLOWED = 405
"""Of a method that is no operation, which schemathesis has a check of its own for."""


@schemathesis.check
def documented_code(_ctx: CheckContext, response: Response, case: Case) -> None:
    """Every error that is not of the operation's own is a surprise."""
    is_problem = PROBLEM in response.headers.get("content-type", [""])[0]
    if not is_problem or response.status_code == NOT_ALLOWED:
        return
    answers = case.operation.definition.raw["responses"]
    named = answers.get(str(response.status_code), {}).get("content", {}).get(PROBLEM, {})
    code = response.json()["code"]
    assert code in named.get("examples", {}), f"{response.status_code} {code} is not documented"
