"""Lambda entry that compares a candidate's answer with the live one, for one copied call.

Predict calls it asynchronously, and nobody repeats it: a call that is lost is not counted.
"""

from collections.abc import Mapping
from typing import Any

from functions.common.agreements.copied_call import CopiedCall
from functions.common.observability import entry
from functions.mirror.bootstrap import call_comparison
from functions.mirror.call_comparison import logger


@entry(logger)
@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Compare the answers to one call; nothing of what was sent or answered leaves the function.

    Returns: `{"agrees": …}`; None of a call whose candidate is none any more.
    """
    call = CopiedCall.of(event)
    compared = call_comparison().compare(call)
    logger.info(
        "call.compared",
        model_id=call.model_id,
        deployment_id=call.candidate_id,
        request_id=call.request_id,
        agrees=compared and compared.agrees,
        candidate_ms=compared and compared.candidate_ms,
    )
    return {"agrees": compared and compared.agrees}
