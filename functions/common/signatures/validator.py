"""Whether an input is what the model's signature declares."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from functions.common.deployments.record import Deployment
from functions.common.errors import InvalidInputError
from functions.common.signatures.compiled import CompiledSchema

CAPACITY = 64
"""Schemas kept at once; the one that was used longest ago goes first."""


class InputValidator:
    """Checks inputs by the schemas that were made of the models' signatures at deployment.

    Each is compiled once, by its first call.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, CompiledSchema] = OrderedDict()

    def check(self, deployment: Deployment, body: Mapping[str, Any]) -> None:
        """Let *body*, which passed `request_body`, through; anything, without a schema.

        Raises: InvalidInputError.
        """
        if deployment.request_schema is None:
            return
        compiled = self._compiled(deployment.id, deployment.request_schema)
        if faults := compiled.faults(body):
            raise InvalidInputError(
                "The input is not what the model's signature asks for; `errors` says where.",
                faults=faults,
            )

    def _compiled(self, deployment_id: str, schema: Mapping[str, Any]) -> CompiledSchema:
        if deployment_id not in self._kept:
            self._kept[deployment_id] = CompiledSchema(schema)
        self._kept.move_to_end(deployment_id)
        if len(self._kept) > CAPACITY:
            self._kept.popitem(last=False)
        return self._kept[deployment_id]
