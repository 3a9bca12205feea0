"""Public routes: `GET /docs` and the files that the page loads."""

from aws_lambda_powertools.event_handler import Response

from functions.common.api.app import RestApi
from functions.common.errors import NotFoundError
from functions.describe.docs_page.assets import PAGE, Asset, assets

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Nothing from another host, nothing inline, no text that becomes markup: the page holds a key and
shows names, examples and answers that others wrote."""

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # File names stay the same from release to release: browsers must revalidate each time.
    "Cache-Control": "no-cache",
}


def add_page_routes(app: RestApi) -> None:
    """Serve the page and its files, and nothing else beneath `/docs`."""

    @app.get("/docs")
    def get_page() -> Response[str]:
        return _response(app, assets()[PAGE])

    @app.get("/docs/<name>")
    def get_asset(name: str) -> Response[str]:
        if name == PAGE or name not in assets():
            raise NotFoundError("There is nothing at this address.")
        return _response(app, assets()[name])


def _response(app: RestApi, asset: Asset) -> Response[str]:
    known = app.request_context.headers.get("if-none-match") or ""
    headers = {**_HEADERS, "ETag": asset.etag}
    if asset.etag in known:
        return Response(status_code=304, headers=headers, body="")
    return Response(
        status_code=200, content_type=asset.content_type, headers=headers, body=asset.text
    )
