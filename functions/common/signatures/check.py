"""Checks of inputs and answers by the schemas made of a model's signature.

The engine says whether a value fits, in less time than its JSON took to parse. It is not asked why
not: it would collect every error of every alternative, seconds for a large body, and quote values
in them. `explanation` finds the reasons by asking it about ever smaller parts.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from functions.common.deployments.record import Deployment
from functions.common.errors import Fault, InvalidInputError, InvalidRequestError
from functions.common.json_text import JsonText, PartlyParsed, parsed
from functions.common.signatures.array_check import ArrayCheck
from functions.common.signatures.body import CHAT_FIELDS, INPUT_FORMATS, PARAMETER_NAMES
from functions.common.signatures.chat import takes_chat
from functions.common.signatures.engine import compile_schema
from functions.common.signatures.explanation import Explanation
from functions.common.signatures.tables import split_schema
from functions.common.signatures.values import JsonSchema

if TYPE_CHECKING:
    from jsonschema_rs import Validator

MAX_FAULTS = 20
SCHEMAS_KEPT = 64
"""Compiled schemas kept at once; the least recently used goes first."""
SPLITS_KEPT = 8
"""Orders of columns in `dataframe_split` whose compiled schemas are kept, per model."""
_SPLIT = "dataframe_split"
_MAX_QUOTED_CHARACTERS = 200


def check_fields(body: Mapping[str, Any]) -> None:
    """Check the names of the body's fields; those of a chat model's own body are its schema's.

    Raises: InvalidRequestError.
    """
    formats = [name for name in body if name in INPUT_FORMATS]
    if not formats and any(name in body for name in CHAT_FIELDS):
        return
    if len(formats) != 1:
        raise _not_one_format(formats)
    if len([name for name in body if name in PARAMETER_NAMES]) > 1:
        raise InvalidRequestError(
            f"The body may hold only one of {', '.join(PARAMETER_NAMES)}: they mean the same."
        )
    unknown = [name for name in body if name not in (*INPUT_FORMATS, *PARAMETER_NAMES)]
    if unknown:
        names = ", ".join(unknown)[:_MAX_QUOTED_CHARACTERS]
        raise InvalidRequestError(f"The body holds unknown fields: {names}.")


def _not_one_format(formats: Sequence[str]) -> InvalidRequestError:
    found = f"found {' and '.join(formats)}" if formats else "found none"
    return InvalidRequestError(
        f"The body must hold exactly one of {', '.join(INPUT_FORMATS)}; {found}."
    )


def _check_chats(deployment: Deployment) -> None:
    """Raises: InvalidRequestError (it takes no body without a format)."""
    if deployment.package.is_hub_source or not takes_chat(deployment.contract.inputs):
        raise _not_one_format(())


class CompiledSchema:
    """A schema, compiled when it is first used."""

    def __init__(self, schema: JsonSchema) -> None:
        self._schema = schema
        self._splits: OrderedDict[tuple[Hashable, ...], CompiledSchema] = OrderedDict()

    def faults(self, value: Any, path: tuple[str | int, ...] = ()) -> list[Fault]:
        """Return what is wrong with *value*, at most `MAX_FAULTS`; nothing when it fits.

        *path* leads to it from the whole that pointers start from.
        """
        if self._validator.is_valid(value):
            return []
        return list(islice(self._explanation.faults(self._schema, value, path), MAX_FAULTS))

    def body_faults(self, body: Mapping[str, Any]) -> list[Fault]:
        """Return what is wrong with a body for predict, including the cells of a split table."""
        if isinstance(body, PartlyParsed):
            if self._arrays_fit(body):
                return []
            body = parsed(body)
        faults = self.faults(body)
        split = body.get(_SPLIT)
        if faults or split is None:
            return faults
        part = self._split(split.get("columns"))
        return part.faults(split, (_SPLIT,)) if part else []

    def _arrays_fit(self, body: Mapping[str, Any]) -> bool:
        """Return whether a body that holds text surely fits."""
        if not self._arrays.body_fits(self._schema, body):
            return False
        columns = body.get(_SPLIT, {}).get("columns")
        if isinstance(columns, JsonText):
            return False
        part = self._split(columns)
        return part is None or part.surely_fits(body[_SPLIT])

    def surely_fits(self, value: Any) -> bool:
        """Return whether *value*, which holds text, fits; False also: its text must be parsed."""
        return self._arrays.fits(self._schema, value)

    def _split(self, columns: Any) -> "CompiledSchema | None":
        if not isinstance(columns, list) or not all(isinstance(name, Hashable) for name in columns):
            return None
        key = tuple(columns)
        if key not in self._splits:
            schema = split_schema(self._schema, columns)
            if schema is None:
                return None
            self._splits[key] = CompiledSchema(schema)
        self._splits.move_to_end(key)
        if len(self._splits) > SPLITS_KEPT:
            self._splits.popitem(last=False)
        return self._splits[key]

    @cached_property
    def _validator(self) -> "Validator":
        return compile_schema(self._schema)

    @cached_property
    def _arrays(self) -> ArrayCheck:
        return ArrayCheck(self._explanation)

    @cached_property
    def _explanation(self) -> Explanation:
        return Explanation(self._schema.get("$defs", {}))


class InputValidator:
    """Checks inputs by the request schemas of the deployments; compiles each once."""

    def __init__(self) -> None:
        self._compiled: OrderedDict[str, CompiledSchema] = OrderedDict()

    def check(self, deployment: Deployment, body: Mapping[str, Any]) -> None:
        """Check *body*, which `check_fields` accepts; without a schema, accept anything.

        Its arrays of numbers may be `NumberArray`s.

        Raises: InvalidInputError, InvalidRequestError (a chat model's body for another model).
        """
        if not any(name in body for name in INPUT_FORMATS):
            _check_chats(deployment)
        schema = deployment.contract.request_schema
        if schema is None:
            return
        compiled = self._compiled.get(deployment.id)
        if compiled is None:
            compiled = self._compiled[deployment.id] = CompiledSchema(schema)
        self._compiled.move_to_end(deployment.id)
        if len(self._compiled) > SCHEMAS_KEPT:
            self._compiled.popitem(last=False)
        if faults := compiled.body_faults(body):
            raise InvalidInputError(
                "The input is not what the model's signature asks for; `errors` says where.",
                faults=faults,
            )


def mismatch(predictions: Any, answer_schema: JsonSchema | None) -> str | None:
    """Return a sentence on where *predictions* first differ from *answer_schema*; None if they fit.

    The sentence quotes no value. An answer that holds nothing, or nothing but null, never fits;
    without a schema everything else does.
    """
    if nothing := _nothing(predictions):
        return nothing
    faults = CompiledSchema(answer_schema).faults(predictions) if answer_schema else []
    if not faults:
        return None
    where = f"At {faults[0].pointer}, the answer" if faults[0].pointer else "The answer"
    return f"{where} {faults[0].message}."


def _nothing(answer: Any) -> str | None:
    if isinstance(answer, dict | list) and not answer:
        return "The answer holds no predictions."
    if not _holds_a_value(answer):
        return "The answer holds nothing but null (NaN, infinity or missing)."
    return None


def _holds_a_value(value: Any) -> bool:
    """Lists and objects without any leaf count as values: a model may have found nothing."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list) and value:
        return any(map(_holds_a_value, value))
    return value is not None
