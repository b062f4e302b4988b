"""The OpenAPI document: what FastAPI makes, with summaries for people and the problems it does not know of."""

from collections.abc import Callable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ad_chassis.http.problems import MEDIA_TYPE, Problem

METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options"})
UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")
OF_EVERY_OPERATION = {"default": "Any other failure"}
OF_GUARDED = {"401": "No valid access token was sent", "403": "The permission is missing"}
OF_BODIES = {
    "400": "The body cannot be read",
    "413": "The body is over the limit",
    "415": "The content type is not taken",
    "422": "A field is wrong; `errors` names each",
}
OF_PARAMETERS = {"422": "A parameter is wrong; `errors` names each"}


def documented(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """Replaces `app.openapi`: made once, after all routes are there."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title, version=app.version, description=app.description or None, routes=app.routes
            )
            for operation in _operations(document):
                _summarise(operation)
            _add_problems(document)
            app.openapi_schema = document
        return app.openapi_schema

    return openapi


def _summarise(operation: dict[str, Any]) -> None:
    """The first sentence of the docstring for the name of the function; the rest stays the description."""
    generated = operation.get("operationId", "").replace("_", " ").title()
    if operation.get("summary") != generated or not operation.get("description"):
        return
    first, _, rest = " ".join(operation["description"].split()).partition(". ")
    # A summary is plain text, a description is Markdown.
    operation["summary"] = first.removesuffix(".").replace("`", "")
    operation["description"] = rest
    if not rest:
        del operation["description"]


def _add_problems(document: dict[str, Any]) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in UNUSED_SCHEMAS:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for operation in _operations(document):
        responses = operation.setdefault("responses", {})
        if "HTTPValidationError" in str(responses.get("422")):
            del responses["422"]
        for status, description in _problems_of(operation).items():
            responses.setdefault(status, _problem(description))


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document.get("paths", {}).values():
        yield from (operation for method, operation in item.items() if method in METHODS)


def _problems_of(operation: dict[str, Any]) -> dict[str, str]:
    found = dict(OF_EVERY_OPERATION)
    if operation.get("security"):
        found |= OF_GUARDED
    if operation.get("requestBody"):
        found |= OF_BODIES
    elif operation.get("parameters"):
        found |= OF_PARAMETERS
    return found


def _problem(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
