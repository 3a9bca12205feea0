"""The operating routes: for keys that may change what is served."""

from functions.describe.openapi import Json
from functions.describe.openapi.answers import an_object, schema_ref
from functions.describe.openapi.operations import (
    WITH_BODY,
    WITH_MODEL,
    answer,
    json_body,
    operation,
)

_TAG = "Operations"
_SCOPE = "Needs a key with a write scope."
_ACCEPTED: Json = {"type": "string", "const": "accepted"}


def operating_paths() -> Json:
    """Path items by path."""
    deployments = "/models/{model_id}/deployments"
    return {
        deployments: {"post": _deploy(), "delete": _undeploy()},
        f"{deployments}/reconcile": {"post": _reconcile()},
        f"{deployments}/{{deployment_id}}/redrive": {"post": _redrive()},
    }


def operating_schemas() -> Json:
    """What they refer to."""
    text: Json = {"type": "string"}
    accepted = an_object(
        {
            "model_id": text,
            "model_version": text,
            "deployment_id": {"type": "string", "format": "uuid"},
            "status": _ACCEPTED,
        },
        title="AcceptedDeployment",
    )
    change = an_object({"model_id": text, "change": text, "detail": text}, title="Change")
    report = an_object(
        {
            "dry_run": {"type": "boolean"},
            "models": {"type": "integer", "minimum": 0, "description": "Models looked at."},
            "changes": {"type": "array", "items": schema_ref("Change")},
            "failed": {
                "type": "integer",
                "minimum": 0,
                "description": "What could not be put right; the next reconciliation tries again.",
            },
        },
        title="ReconciliationReport",
    )
    return {"AcceptedDeployment": accepted, "Change": change, "ReconciliationReport": report}


def _deploy() -> Json:
    version: Json = {
        "anyOf": [
            {"type": "string", "pattern": "^[1-9][0-9]{0,9}$"},
            {"type": "integer", "minimum": 1, "maximum": 9_999_999_999},
        ],
        "description": "The version's number in the registry.",
    }
    request = an_object(
        {"model_version": version}, title="DeployRequest", additionalProperties=False
    )
    return operation(
        "deploy_model",
        "Have a version served, also one that was served before",
        tag=_TAG,
        description=_SCOPE,
        parameters=["ModelId"],
        requestBody=json_body(request, description="Which version."),
        responses={"202": answer(schema_ref("AcceptedDeployment"), "It is being brought up.")},
        codes=(*WITH_MODEL, *WITH_BODY),
    )


def _undeploy() -> Json:
    told = an_object({"model_id": {"type": "string"}, "status": _ACCEPTED})
    return operation(
        "undeploy_model",
        "Have nothing served",
        tag=_TAG,
        description=_SCOPE,
        parameters=["ModelId"],
        responses={"202": answer(told, "It is being taken down.")},
        codes=WITH_MODEL,
    )


def _redrive() -> Json:
    return operation(
        "redrive_deployment",
        "Try the version of a failed deployment again",
        tag=_TAG,
        description=_SCOPE,
        parameters=["ModelId", "DeploymentId"],
        responses={"202": answer(schema_ref("AcceptedDeployment"), "It is being tried again.")},
        codes=WITH_MODEL,
    )


def _reconcile() -> Json:
    running = an_object(
        {"model_id": {"type": "string"}, "status": {"type": "string", "const": "running"}}
    )
    return operation(
        "reconcile_model",
        "Look at the model now, and put right what differs from what is requested",
        tag=_TAG,
        description=_SCOPE,
        parameters=["ModelId", "DryRun"],
        responses={
            "200": answer(schema_ref("ReconciliationReport"), "What was found."),
            "202": answer(running, "It takes longer than one can wait, and goes on."),
        },
        codes=WITH_MODEL,
    )
