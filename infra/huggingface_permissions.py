"""Permissions of the two fine-grained tokens of Hugging Face, as its settings page names them.

A leaked token that only calls can neither delete an endpoint nor start one that costs money.
"""

MANAGING = (
    "inference.endpoints.read",
    "inference.endpoints.write",
    "repo.content.read",
    "repo.write",
)
"""Permissions of the functions that publish models, make endpoints and delete them."""
CALLING = ("inference.endpoints.read", "inference.endpoints.infer.write")
"""Permissions of the functions that send predictions. The task `check` also reads an endpoint's
state, and the function Operate its log."""
