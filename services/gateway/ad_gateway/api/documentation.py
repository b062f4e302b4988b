"""The OpenAPI document of the whole platform, and the page that shows it, without anything from elsewhere."""

from collections.abc import Callable, Mapping

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from ad_gateway.api.introduction import INTRODUCTION, TITLE
from ad_gateway.domain.document import Document, joined

DOCUMENT = "/api/v1/openapi.json"
PAGE = "/api/v1/docs"
ASSETS = "/web/vendor/swagger-ui"
HTML = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>anomaly_detection API</title>
<link rel="icon" type="image/svg+xml" href="/web/icon.svg">
<link rel="stylesheet" href="{ASSETS}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui" data-url="{DOCUMENT}"></div>
<script src="{ASSETS}/swagger-ui-bundle.js"></script>
<script src="{ASSETS}/start.js"></script>
</body>
</html>
"""
SECURITY = {
    # Swagger UI sets styles on its elements, and shows its own pictures as data.
    "Content-Security-Policy": (
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}


def routes(own: Callable[[], Document], services: Mapping[str, Document]) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    made: list[Document] = []

    async def get_document() -> Document:
        if not made:
            made.append(introduced(joined(own(), services)))
        return made[0]

    async def get_page() -> HTMLResponse:
        return HTMLResponse(HTML, headers=SECURITY)

    async def redirect() -> RedirectResponse:
        return RedirectResponse(PAGE)

    for path in (DOCUMENT, "/openapi.json"):
        router.add_api_route(path, get_document)
    router.add_api_route(PAGE, get_page, response_class=HTMLResponse)
    router.add_api_route("/docs", redirect)
    return router


def introduced(document: Document) -> Document:
    """Speaks for the whole platform, where the gateway's own document speaks for the gateway."""
    return document | {"info": document["info"] | {"title": TITLE, "description": INTRODUCTION}}
