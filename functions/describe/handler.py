"""Lambda handler for the read-only routes: models, OpenAPI documents, docs page, health."""

from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import Response

from functions.common.api.app import json_bytes_response, json_response, make_app
from functions.common.api.gateway_event import model_name
from functions.common.observability import make_logger
from functions.common.snapshot import primed
from functions.common.version import VERSION
from functions.describe.bootstrap import describe_function
from functions.describe.docs_page.routes import add_page_routes
from functions.describe.model_info import model_info, shown
from functions.describe.model_list import model_list

logger = make_logger("describe")
app = make_app(logger)
add_page_routes(app)


@app.get("/health")
def get_health() -> Response[str]:
    """Answer without asking the table or the provider."""
    return json_response({"status": "ok", "version": VERSION})


@app.get("/openapi.json")
def get_openapi() -> Response[str]:
    """Return the OpenAPI document of the whole API."""
    # Imported on demand: most calls never need it.
    from functions.describe.openapi.api_document import api_document  # noqa: PLC0415

    return json_bytes_response(api_document(describe_function().api_url))


@app.get("/models")
def list_models() -> Response[str]:
    """Return one page of the list of models."""
    app.request_context.admit()
    query = app.request_context.query
    with app.request_context.timings.measured("lookup"):
        function = describe_function()
        page = model_list(
            function.listing,
            function.api_url,
            limit=query.get("limit"),
            cursor=query.get("cursor"),
        )
    return json_response(page)


@app.get("/models/<model_id>")
@app.get("/models/<model_id>/info")
def get_model(model_id: str) -> Response[str]:
    """Return a model with one page of its deployments."""
    app.request_context.admit()
    name, query = model_name(model_id), app.request_context.query
    with app.request_context.timings.measured("lookup"):
        function = describe_function()
        page = function.models.page(name, limit=query.get("limit"), cursor=query.get("cursor"))
        model = function.models.model(name)
        cost = function.costs.get(name)
        return json_response(model_info(model, page, function.circuits, cost))


@app.get("/models/<model_id>/deployments/<deployment_id>")
def get_deployment(model_id: str, deployment_id: str) -> Response[str]:
    """Return one deployment."""
    app.request_context.admit()
    name = model_name(model_id)
    with app.request_context.timings.measured("lookup"):
        deployment = describe_function().models.deployment(name, unquote(deployment_id))
    return json_response({"model_id": name, **shown(deployment)})


@app.get("/models/<model_id>/openapi.json")
def get_model_openapi(model_id: str) -> Response[str]:
    """Return the OpenAPI document of one model."""
    from functions.describe.openapi.model_document import (  # noqa: PLC0415 - as above
        model_document,
    )

    app.request_context.admit()
    function = describe_function()
    with app.request_context.timings.measured("lookup"):
        model = function.models.model(model_name(model_id))
    return json_response(model_document(model, function.api_url))


@primed
def prime() -> None:
    """Put the function together."""
    describe_function()


@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    return app.resolve(event, context)
