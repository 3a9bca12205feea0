"""Files that say what a model in MLflow is: MLmodel, requirements, input example."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from functions.common.signatures.body import INPUT_FORMATS
from functions.provision.registry.base import Schema

_REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """Content of a model's files.

    Attributes:
        description: Content of `MLmodel`.
        requirements: Content of `requirements.txt`; None when there is none.
        input_example: The example as callers would have to send it, where NaN is null; None when
            there is none or they could not: MLflow also saves chat messages as such.
    """

    description: Mapping[str, Any]
    requirements: str | None
    input_example: dict[str, Any] | None

    @property
    def flavors(self) -> dict[str, Any]:
        """Settings by the flavor's name."""
        return self.description.get("flavors") or {}

    def schema(self, part: str) -> Schema | None:
        """Return the signature's *part*: `inputs`, `outputs` or `params`."""
        text = (self.description.get("signature") or {}).get(part)
        return json.loads(text) if text else None


def read_model_files(read: Callable[[str], str], names: Collection[str]) -> ModelFiles:
    """Read a model's files.

    Arguments:
        read: Returns the content of a file by its path.
        names: Files and folders that there are at the top level.
    """
    description = yaml.safe_load(read("MLmodel"))
    example = (description.get("saved_input_example_info") or {}).get("serving_input_path")
    return ModelFiles(
        description=description,
        requirements=read(_REQUIREMENTS) if _REQUIREMENTS in names else None,
        input_example=_body(read(example)) if example else None,
    )


def _body(text: str) -> dict[str, Any] | None:
    example = json.loads(text, parse_constant=lambda _constant: None)
    is_body = isinstance(example, dict) and len(example.keys() & set(INPUT_FORMATS)) == 1
    return example if is_body else None
