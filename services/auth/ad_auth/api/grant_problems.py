"""A refused grant is a problem like any other, with RFC 6749's `error` beside it."""

from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic import Field

from ad_auth.domain.refusals import InvalidClient, Refused
from ad_chassis.http.context import current_request_id
from ad_chassis.http.problems import MEDIA_TYPE, Problem, ProblemResponse

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class GrantProblem(Problem):
    error: str = Field(description="The code of RFC 6749 section 5.2, such as invalid_grant")
    error_description: str


def install_grant_problems(app: FastAPI) -> None:
    app.add_exception_handler(Refused, _refused)


def documented() -> dict[int | str, dict[str, Any]]:
    """The refusals of a route in the OpenAPI document."""
    members = {"error": {"type": "string"}, "error_description": {"type": "string"}}
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {"type": "object", "properties": members, "required": list(members)},
        ]
    }
    what = {"400": "The request or the grant is not good", "401": "The client is not known"}
    return {
        int(status): {"description": text, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status, text in what.items()
    }


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    unknown_client = isinstance(error, InvalidClient)
    problem = GrantProblem(
        title="Unauthenticated" if unknown_client else "Bad request",
        status=401 if unknown_client else 400,
        detail=str(error),
        instance=request.url.path,
        request_id=current_request_id(),
        error=error.error,
        error_description=str(error),
    )
    headers = NO_STORE | ({"WWW-Authenticate": _challenge(request)} if unknown_client else {})
    return ProblemResponse(problem.model_dump(exclude_none=True), problem.status, headers)


def _challenge(request: Request) -> str:
    """HTTP Basic only to those who used it: it makes a browser ask for a password by itself."""
    basic = request.headers.get("authorization", "").lower().startswith("basic ")
    return 'Basic realm="anomaly_detection"' if basic else "Bearer"
