"""What calls a function on a schedule, found by the function."""

from infra.function_spec import FunctionSpec
from tests.infra.synthesized import Json, Synthesized


def rule_of(stack: Synthesized, spec: FunctionSpec) -> tuple[str, Json]:
    """Return the logical id and the properties of the one rule that calls the function."""
    (found,) = (
        (id_, rule["Properties"])
        for id_, rule in stack.all("AWS::Events::Rule")
        for target in rule["Properties"]["Targets"]
        if _calls(stack, target, spec)
    )
    return found


def _calls(stack: Synthesized, target: Json, spec: FunctionSpec) -> bool:
    """Return whether *target*, perhaps no function at all, is the function."""
    return target["Arn"].get("Ref") in {
        id_ for id_, _ in stack.all("AWS::Lambda::Alias") if stack.handler_of(id_) == spec.handler
    }


def permission_of(stack: Synthesized, spec: FunctionSpec) -> Json:
    """Return the one permission by which EventBridge may call the function."""
    (found,) = (
        permission
        for permission in stack.properties("AWS::Lambda::Permission")
        if permission["Principal"] == "events.amazonaws.com"
        and stack.handler_of(permission["FunctionName"]["Ref"]) == spec.handler
    )
    return found


def asynchronous_calls_of(stack: Synthesized, spec: FunctionSpec) -> Json:
    """Return what becomes of the function's asynchronous calls."""
    (found,) = (
        properties
        for properties in stack.properties("AWS::Lambda::EventInvokeConfig")
        if stack.handler_of(properties["FunctionName"]["Ref"]) == spec.handler
    )
    return found
