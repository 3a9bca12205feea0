"""Failures that our own server on endpoints reports, and envelopes that are not the request's."""

from functions.common.errors import (
    ModelFailedError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderDeniedError,
    ProviderError,
    ProviderRateLimitedError,
)
from tests.faults.behaviour import behaviour
from tests.faults.scripts import RIGHT, answers, of_our_server

OUR_SERVER = [
    behaviour(
        "the model rejects the input",
        ModelRejectedInputError,
        of_our_server(422, "rejected_input", 9_000 * "x"),
    ),
    behaviour("not JSON", ModelRejectedInputError, of_our_server(400, "invalid_json", "x")),
    behaviour("the model fails", ModelFailedError, of_our_server(500, "model_error", 9_000 * "x")),
    behaviour("our secret is refused", ProviderDeniedError, of_our_server(403, "forbidden")),
    behaviour("too large", PayloadTooLargeError, of_our_server(413, "too_large")),
    behaviour(
        "overloaded", ProviderRateLimitedError, of_our_server(503, "overloaded"), retry_after_s=3
    ),
    *(
        behaviour(kind, ModelWarmingUpError, of_our_server(503, kind), retry_after_s=3)
        for kind in ("starting", "stopping")
    ),
    behaviour("an unknown failure", ProviderError, of_our_server(500, "other")),
    behaviour("a failure with 200", ProviderError, of_our_server(200, "rejected_input")),
    behaviour(
        "of another deployment",
        ProviderError,
        of_our_server(422, "rejected_input", deployment_id="another"),
    ),
    *(
        behaviour(
            f"of another request, {status}",
            ProviderError,
            of_our_server(status, "overloaded", nonce=nonce),
        )
        for status, nonce in ((503, "another"), (503, None), (422, 1))
    ),
    behaviour("an answer without a nonce", ProviderError, answers(200, RIGHT)),
]
