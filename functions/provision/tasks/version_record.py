"""The part of a deployment's record that `validate` reads from the registry. Pure."""

import json
from dataclasses import replace
from typing import Any

from functions.common.deployments.items import fits, packed
from functions.common.deployments.record import (
    HUB_RUNTIME,
    Deployment,
    ModelContract,
    PackageRecord,
    Status,
)
from functions.common.providers.provider import Runtime
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.chat import is_conversation
from functions.common.signatures.request_schema import request_schema
from functions.provision.compatibility.pythons import python_for
from functions.provision.registry.base import RegisteredVersion
from functions.provision.tasks.same_answers import said_to_vary

MAX_EXAMPLE_BYTES = 200_000
"""The record is one DynamoDB item of at most 400 KB, which also has schemas and a timeline."""
MAX_SCHEMA_BYTES = 90_000
"""Largest request or answer schema that is kept; about 6,000 columns."""
_SIGNATURE_ALONE: dict[str, None] = {
    "input_example": None,
    "request_schema": None,
    "answer_schema": None,
}


def validated(deployment: Deployment, version: RegisteredVersion, runtime: Runtime) -> Deployment:
    """Return *deployment* with what the later tasks and callers need of *version*.

    The example, and then the schemas that are made of the signature, are left out when the record
    would be too large with them.
    """
    whole = replace(
        deployment,
        status=Status.DEPLOYING,
        registered_at=version.registered_at,
        package=_with_tag(_package(deployment.package, version, runtime), version),
        contract=ModelContract(
            inputs=version.inputs,
            outputs=version.outputs,
            params=version.params,
            request_schema=_request_schema(version),
            answer_schema=_answer_schema(version),
            input_example=_fitting(version.input_example),
        ),
    )
    for left_out in ({}, {"input_example": None}, _SIGNATURE_ALONE):
        smaller = replace(whole, contract=replace(whole.contract, **left_out))
        if fits(smaller):
            return smaller
    return whole


def _package(known: PackageRecord, version: RegisteredVersion, runtime: Runtime) -> PackageRecord:
    """Return what is to run, and the Hub source; what was packaged before stays as it is."""
    if known.repository:
        return known
    source = version.hub_source
    if source is None:
        return PackageRecord(runtime=runtime.name, python=python_for(version, runtime.pythons))
    return PackageRecord(
        runtime=HUB_RUNTIME,
        repository=source.name,
        revision=source.revision,
        task=source.task,
    )


def _with_tag(package: PackageRecord, version: RegisteredVersion) -> PackageRecord:
    return replace(package, answers_vary=True) if said_to_vary(version.all_tags) else package


def _request_schema(version: RegisteredVersion) -> dict[str, Any] | None:
    """Return the schema that calls will be checked by; None for a Hub source, whose signature
    describes what MLflow would make of it, and for one that is too large for the record."""
    if version.hub_source:
        return None
    hinted = version.from_type_hint
    return _fitting_schema(request_schema(version.inputs, version.params, from_type_hint=hinted))


def _answer_schema(version: RegisteredVersion) -> dict[str, Any] | None:
    """Return the schema that the smoke test checks answers by; None as for requests."""
    if version.hub_source:
        return None
    of_chat = is_conversation(version.inputs)
    return _fitting_schema(answer_schema(version.outputs, of_chat=of_chat))


def _fitting_schema(schema: dict[str, Any] | None) -> dict[str, Any] | None:
    return schema if len(packed(schema)) <= MAX_SCHEMA_BYTES else None


def unchecked(record: Deployment, version: RegisteredVersion) -> str | None:
    """Return the note that a signature is too large to check calls by."""
    if record.contract.request_schema or version.inputs is None or version.hub_source:
        return None
    return "valid, with a signature too large to check calls by"


def _fitting(example: dict[str, Any] | None) -> dict[str, Any] | None:
    """The example, unless it is too large for the record."""
    size_bytes = len(json.dumps(example, ensure_ascii=False).encode())
    return example if size_bytes <= MAX_EXAMPLE_BYTES else None
