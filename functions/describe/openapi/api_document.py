"""The document of the whole API; it depends on nothing but the API's address."""

from functools import cache

from pydantic_core import to_json

from functions.common.errors import MethodNotAllowedError
from functions.describe.openapi import Json
from functions.describe.openapi.answers import (
    list_schemas,
    model_schemas,
    prediction_schemas,
)
from functions.describe.openapi.bodies import (
    ANY_FORM,
    ANY_PARAMETERS,
    body_schemas,
)
from functions.describe.openapi.model_routes import model_paths
from functions.describe.openapi.operating_routes import (
    operating_paths,
    operating_schemas,
)
from functions.describe.openapi.parameters import (
    PATH_PARAMETERS,
    WEBHOOK_PARAMETERS,
)
from functions.describe.openapi.parts import API_VERSION, document
from functions.describe.openapi.problems import problem_response
from functions.describe.openapi.public_routes import public_paths, public_schemas

_INFO: Json = {
    "title": "Hokus model serving",
    "version": API_VERSION,
    "summary": "A prediction API for every model that is registered.",
    "description": (
        "Every error is `application/problem+json`; branch on its `code`. A method that an address "
        "does not take is answered by 405 `method_not_allowed`, an address that is none by 404 "
        "`not_found`. Every model has a document of its own, with its columns or tensors typed: "
        "`/models/{model_id}/openapi.json`."
    ),
}


@cache
def api_document(api_url: str) -> bytes:
    """As JSON; *api_url* has no slash at its end."""
    whole = document(
        info=_INFO,
        server=api_url,
        paths=model_paths() | operating_paths() | public_paths(),
        schemas={
            **model_schemas(),
            **list_schemas(),
            **body_schemas(ANY_FORM, parameters=ANY_PARAMETERS),
            **prediction_schemas({"description": "As the model gives it, row by row."}),
            **operating_schemas(),
            **public_schemas(),
        },
        parameters={**PATH_PARAMETERS, **WEBHOOK_PARAMETERS},
    )
    not_allowed = problem_response([MethodNotAllowedError])
    whole["components"]["responses"] = {"MethodNotAllowed": not_allowed}
    return to_json(whole)
