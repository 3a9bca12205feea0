"""The routes that need no key, and MLflow's webhook, which has its signature instead."""

from functions.describe.openapi import Json
from functions.describe.openapi.answers import an_object, schema_ref
from functions.describe.openapi.headers import header_refs
from functions.describe.openapi.operations import answer, json_body, operation

_TIMED = ("X-Request-Id", "Server-Timing")
_HOOK = "Webhooks"


def public_paths() -> Json:
    """Path items by path."""
    return {
        "/health": {
            "get": operation(
                "get_health",
                "Whether the API is alive",
                tag="Documents",
                public=True,
                responses={"200": answer(an_object({"status": _const("ok")}), "It is.")},
            )
        },
        "/openapi.json": {
            "get": operation(
                "get_openapi",
                "This document",
                tag="Documents",
                public=True,
                responses={"200": answer(schema_ref("OpenApiDocument"), "The document.")},
            )
        },
        "/docs": {"get": _page()},
        "/docs/{asset}": {"get": _asset()},
        "/webhooks/mlflow": {"post": _webhook()},
    }


def public_schemas() -> Json:
    """What they refer to."""
    return {
        "OpenApiDocument": {
            "title": "OpenApiDocument",
            "type": "object",
            "description": "See the OpenAPI specification, version 3.1.",
            "required": ["openapi", "info", "paths"],
        }
    }


def _page() -> Json:
    return operation(
        "get_docs",
        "A page on which to read this and to try a model",
        tag="Documents",
        public=True,
        responses={"200": _file("text/html"), "304": _NOT_CHANGED},
    )


def _asset() -> Json:
    return operation(
        "get_docs_asset",
        "What that page loads",
        tag="Documents",
        public=True,
        parameters=["Asset"],
        responses={
            "200": _file("text/css", "text/javascript", "image/svg+xml", "image/png"),
            "304": _NOT_CHANGED,
        },
        codes=["not_found"],
    )


_NOT_CHANGED: Json = {"description": "The `ETag` in `If-None-Match` is still the file's."}


def _file(*types: str) -> Json:
    return {
        "description": "The file.",
        "headers": header_refs(*_TIMED),
        "content": {type_: {"schema": {"type": "string"}} for type_ in types},
    }


def _webhook() -> Json:
    event = an_object(
        {
            "entity": {"type": "string"},
            "action": {"type": "string"},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"type": "object"},
        },
        title="MlflowEvent",
        description="As MLflow's webhooks send it.",
    )
    text: Json = {"type": "string"}
    accepted = an_object(
        {
            "status": _const("accepted"),
            "model_id": text,
            "model_version": text,
            "deployment_id": text,
        },
        optional=("model_version", "deployment_id"),
    )
    ignored = an_object({"status": _const("ignored"), "reason": text})
    return operation(
        "receive_mlflow_webhook",
        "Where MLflow tells of registrations",
        tag=_HOOK,
        public=True,
        description="MLflow signs what it sends (`X-MLflow-Signature`); nobody else can call it.",
        parameters=["MlflowSignature", "MlflowTimestamp", "MlflowDeliveryId"],
        requestBody=json_body(event, description="At most 1 MiB."),
        responses={
            "200": answer(ignored, "Nothing follows from it.", headers=()),
            "202": answer(accepted, "It has been taken in, and cannot be lost.", headers=()),
        },
        codes=["invalid_json", "payload_too_large", "unauthorized"],
    )


def _const(text: str) -> Json:
    return {"type": "string", "const": text}
