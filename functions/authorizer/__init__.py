"""The Lambda authorizer: asks auth.hokus.ai who owns the API key of a request."""
