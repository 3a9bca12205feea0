"""Stand-ins for the external services, for this machine and the tests."""

KEYS_VARIABLE = "STANDIN_KEYS"
"""Variable with the good API keys of the auth service's stand-in, with spaces between."""
TOKEN_VARIABLE = "STANDIN_TOKEN"
"""Variable with the token that may do everything at Hugging Face's stand-in."""
