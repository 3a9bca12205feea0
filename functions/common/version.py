"""The version of the service, as `/health` and the OpenAPI document name it."""

VERSION = "0.1.0"
