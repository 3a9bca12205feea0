"""Holds what is done against what is allowed, both ways."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from infra.functions import FUNCTIONS
from tests.rights.actions import Right, rights_of
from tests.rights.iam import Request, Statement, is_allowed, matches
from tests.rights.policies import policies
from tests.rights.recording import Call
from tests.rights.services import requests_of_services
from tests.rights.template import Template

_FUNCTION = "AWS::Lambda::Function"
_NAMES = {spec.handler: spec.name for spec in FUNCTIONS}


@dataclass(frozen=True)
class Verdict:
    """The rights that a template gives, against what its functions and AWS's services do.

    Sentences name the function or the service, the action and the resource.

    Attributes:
        calls: Of the functions, with the names of `infra.functions` and logical ids.
        bucket_key: ARN of the key that the artifacts' bucket is encrypted with.
    """

    template: Template
    calls: Iterable[Call] = ()
    bucket_key: str | None = None
    _roles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for _, function in self.template.all(_FUNCTION):
            self._roles[_NAMES[function["Handler"]]] = function["Role"]

    @cached_property
    def missing(self) -> list[str]:
        """A sentence for everything that is done and not allowed."""
        sentences = {
            f"{self._name(each.principal)} may not {each.action} on {each.resource}"
            for each in self.requests
            if not is_allowed(each, self.statements)
        }
        return sorted(sentences)

    @property
    def unused_by_functions(self) -> list[str]:
        """A sentence for everything that a function's role allows and the function never does."""
        return self._unused(self._roles.values())

    @property
    def unused_by_services(self) -> list[str]:
        """The same of all other roles, and of the policies of resources."""
        roles = set(self._roles.values())
        return self._unused(p for each in self.statements for p in {*each.principals} - roles)

    def _unused(self, principals: Iterable[str]) -> list[str]:
        of_them = set(principals)
        return sorted(
            f"{self._name(principal)} never needs {action} on {resource}"
            for principal, action, resource in self._allowed()
            if principal in of_them
            and not any(
                matches(principal, each.principal)
                and matches(action, each.action)
                and matches(resource, each.resource)
                for each in self.requests
            )
        )

    @cached_property
    def requests(self) -> set[Request]:
        """Everything that functions and services do."""
        of_functions = {
            Request(self._roles[call.caller], action, resource)
            for call in self.calls
            for action, resource in self._rights(call)
        }
        return of_functions | requests_of_services(self.template)

    @cached_property
    def statements(self) -> list[Statement]:
        return policies(self.template)

    def _rights(self, call: Call) -> set[Right]:
        rights = rights_of(call)
        if self.bucket_key and (call.service, call.operation) == ("s3", "GetObject"):
            # S3 decrypts with its caller's rights.
            rights.add(("kms:Decrypt", self.bucket_key))
        return rights

    def _allowed(self) -> set[tuple[str, str, str]]:
        return {
            (principal, action, resource)
            for each in self.statements
            if each.effect == "Allow"
            for principal in each.principals
            for action in each.actions
            for resource in each.resources
        }

    def _name(self, principal: str) -> str:
        """Return the function that has the role, or the principal's own name."""
        functions = {role: name for name, role in self._roles.items()}
        return functions.get(principal, principal.rpartition("/")[-1])
