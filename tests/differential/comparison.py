"""Comparison of our verdicts with MLflow's."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from jiter import from_json

from functions.common.errors import Fault
from functions.common.signatures.check import CompiledSchema
from functions.common.signatures.request_schema import request_schema
from tests.differential.bodies import bodies
from tests.differential.differences import passed_on, refused
from tests.differential.endpoint import Endpoint
from tests.differential.signatures import Signature


@dataclass
class Comparison:
    """Counts of verdicts.

    Attributes:
        agreed: Number of equal verdicts, by verdict.
        differences: Number of different verdicts, by kind.
        unexplained: Descriptions of differences of no kind.
    """

    agreed: Counter[str] = field(default_factory=Counter)
    differences: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.agreed.total() + self.differences.total() + len(self.unexplained)

    def add(self, endpoint: Endpoint, signature: Signature, bodies: Iterable[bytes]) -> None:
        """Compare the verdicts on *bodies*."""
        schema = request_schema(signature.inputs, signature.params)
        assert schema
        ours = CompiledSchema(schema)
        for body in bodies:
            refusal = endpoint.refusal(signature, body)
            self._note(signature, body, ours.body_faults(from_json(body)), refusal)

    def _note(
        self, signature: Signature, body: bytes, faults: list[Fault], theirs: str | None
    ) -> None:
        if bool(faults) == bool(theirs):
            self.agreed["refused" if theirs else "accepted"] += 1
            return
        kind = passed_on(signature, body, theirs) if theirs else refused(body, faults[0])
        if kind:
            self.differences[kind] += 1
            return
        words = theirs or f"taken, and refused by us: {faults}"
        self.unexplained.append(f"{json.dumps(signature.inputs)} {body.decode()}: {words}")


def compare(
    endpoint: Endpoint, signatures: Iterable[Signature], *, bodies_each: int, random: Random
) -> Comparison:
    """Compare the verdicts on random bodies for each of *signatures*."""
    comparison = Comparison()
    for signature in signatures:
        comparison.add(endpoint, signature, bodies(signature, bodies_each, random))
    return comparison
