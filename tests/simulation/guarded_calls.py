"""The calls of the world outside that accidents can happen to."""

STORE_WRITES = frozenset(
    {
        "add",
        "set_desired",
        "delete_desired",
        "update",
        "activate",
        "take_back",
        "undeploy",
        "move_live",
        "name_candidate",
        "transfer_endpoint",
        "begin_removal",
    }
)
PROVIDER_CALLS = frozenset(
    {
        "create",
        "describe",
        "tagged",
        "resume",
        "pause",
        "scale_to_zero",
        "delete",
        "delete_repository",
    }
)
REGISTRY_CALLS = frozenset({"version", "model", "models", "set_tags", "download"})
HUB_CALLS = frozenset({"publish"})
EVENT_CALLS = frozenset({"publish"})
LEDGER_CALLS = frozenset({"months", "write", "total", "write_total"})
WORKFLOW_CALLS = frozenset({"start", "start_retiring"})
