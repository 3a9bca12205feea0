"""The table of the workflow's tasks."""

from infra.bundling import Bundle
from infra.function_parts import (
    AGREEMENT,
    BAKE,
    BATCH_GET,
    CONDITION,
    GET,
    MODEL_FILES,
    PROVISION,
    PUT,
    QUERY,
    REGISTRY,
    UPDATE,
)
from infra.function_size import Size
from infra.function_spec import HUB_CLIENT, FunctionSpec, SecretName


def _task(
    entry: str,
    *secrets: SecretName,
    group: str = "provision",
    also: tuple[str, ...] = (),
    state_actions: tuple[str, ...] = (),
    size: Size = Size(memory_mib=1024, timeout_s=60),  # noqa: B008 - frozen
    variables: tuple[str, ...] = (),
) -> FunctionSpec:
    """Return a task, which reads record and desired deployment and writes its record.

    *also*: further actions on the table; *state_actions*: those on the data plane's."""
    return FunctionSpec(
        name="".join(word.capitalize() for word in entry.split("_")),
        service="provision",
        handler=f"functions.provision.handler.{entry}",
        bundle=Bundle(group, "provision"),
        table_actions=(BATCH_GET, UPDATE, *also),
        state_actions=state_actions,
        reads_artifacts="ARTIFACT_BUCKET" in variables,
        secrets=secrets,
        size=size,
        variables=(*PROVISION, *variables),
    )


TASKS = {
    "validate": _task(
        "validate",
        "mlflow_credentials",
        "huggingface_token",
        group="provision_validation",
        also=(PUT, QUERY),
        size=Size(memory_mib=1024, timeout_s=300, storage_mib=2048),
        variables=(*MODEL_FILES, "DEPLOY_ALIAS", "AGREEMENT"),
    ),
    "package": _task(
        "package",
        "mlflow_credentials",
        "huggingface_token",
        group="provision_packaging",
        size=Size(memory_mib=2048, timeout_s=900, storage_mib=4096),
        variables=(*MODEL_FILES, *HUB_CLIENT),
    ),
    "create": _task("create", "huggingface_token"),
    "check": _task("check", "huggingface_calling_token"),
    "verify": _task(
        "verify", "huggingface_calling_token", size=Size(memory_mib=1024, timeout_s=300)
    ),
    "agree": _task(
        "agree",
        "huggingface_calling_token",
        also=(GET,),
        state_actions=(GET,),
        variables=AGREEMENT,
    ),
    "activate": _task("activate", also=(PUT, CONDITION)),
    "bake": _task(
        "bake",
        "mlflow_credentials",
        "huggingface_calling_token",
        group="provision_registry",
        also=(GET, PUT),
        state_actions=(GET, BATCH_GET),
        # Long enough for a predecessor that does not answer.
        size=Size(memory_mib=1024, timeout_s=300),
        variables=(*REGISTRY, *BAKE),
    ),
    "retire": _task("retire", "huggingface_token", also=(GET,)),
    "clean_up": _task("clean_up", "huggingface_token"),
}
"""The workflow's tasks by the name of their entry in functions/provision/handler.py."""
