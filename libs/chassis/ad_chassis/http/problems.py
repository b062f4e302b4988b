"""Every failed request is answered as a problem (RFC 9457): what was wrong, what would be right."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ad_chassis.errors import FieldError, PlatformError
from ad_chassis.http.context import current_request_id
from ad_chassis.logs import get_logger

MEDIA_TYPE = "application/problem+json"
log = get_logger("http")

DETAILS = {
    404: "nothing is at this address; GET /openapi.json lists what there is",
    405: "this address does not take this method; the header Allow lists those that it takes",
}

TEXT_BOUNDS = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}


class ProblemField(BaseModel):
    field: str = Field(description="Where in the request, such as data.0.value")
    message: str


class Problem(BaseModel):
    """What went wrong, in the form of RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    request_id: str | None = None
    errors: list[ProblemField] | None = Field(default=None, description="One entry per field that is wrong")
    quota: str | None = Field(default=None, description="The quota of the tenant that is exceeded")
    limit: int | None = Field(default=None, description="The limit of that quota")
    use: int | None = Field(default=None, description="How much of it is in use")


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def problem_response(
    status: int,
    detail: str,
    path: str,
    *,
    title: str | None = None,
    errors: Iterable[FieldError] = (),
    headers: Mapping[str, str] | None = None,
    kind: str = "about:blank",
    members: Mapping[str, str | int] | None = None,
) -> Response:
    """A problem as an HTTP answer; to be used where no exception handler reaches."""
    content: dict[str, Any] = {
        "type": kind,
        "title": title or _phrase(status),
        "status": status,
        "detail": detail,
        "instance": path,
        "request_id": current_request_id(),
        **(members or {}),
    }
    listed = list(errors)
    if listed:
        content["errors"] = listed
    return ProblemResponse(content, status_code=status, headers=dict(headers or {}))


def install_problems(app: FastAPI) -> None:
    """Answers every kind of failure of an application as a problem."""
    app.add_exception_handler(PlatformError, _platform_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(ResponseValidationError, _invalid_response)


def unexpected_problem(path: str, error: Exception) -> Response:
    """500 without a word about the inside; the log has the rest under the same request id."""
    log.error("request failed unexpectedly", path=path, exc_info=error)
    return problem_response(
        500,
        "something went wrong on our side; give the request_id to the operator, whose log tells more",
        path,
    )


async def _platform_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, PlatformError):
        raise error
    if error.status >= 500:
        log.warning("request failed", path=request.url.path, status=error.status, detail=error.detail)
    return problem_response(
        error.status,
        error.detail
        if error.outcome != "stop"
        else "the service is not set up fully; its log names the setting",
        request.url.path,
        title=error.title,
        errors=error.errors,
        headers=error.headers,
        kind=error.type,
        members=error.members,
    )


async def _http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    given = error.detail if isinstance(error.detail, str) else str(error.detail)
    detail = DETAILS.get(error.status_code, given) if given == _phrase(error.status_code) else given
    return problem_response(error.status_code, detail, request.url.path, headers=error.headers)


async def _invalid_request(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    problems: list[Mapping[str, Any]] = list(error.errors())
    path = request.url.path
    if any(problem["type"] == "json_invalid" for problem in problems):
        return problem_response(400, _malformed(problems[0]), path)
    if (
        any(tuple(problem["loc"]) == ("body",) for problem in problems)
        and not _is_json(request)
        and error.body
    ):
        got = request.headers.get("content-type") or "no content type"
        return problem_response(415, f"the body must be sent as application/json, this came as {got}", path)
    errors = [_field_error(problem) for problem in problems]
    detail = "; ".join(f"{entry['field']}: {entry['message']}" for entry in errors[:5])
    return problem_response(422, detail, path, errors=errors)


async def _invalid_response(request: Request, error: Exception) -> Response:
    return unexpected_problem(request.url.path, error)


def _malformed(problem: Mapping[str, Any]) -> str:
    reason = problem.get("ctx", {}).get("error", "it does not end where it should")
    return f"the body is not valid JSON: {reason} at character {problem['loc'][-1]}"


def _is_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _field_error(problem: Mapping[str, Any]) -> FieldError:
    """The place without the word 'body', so that it reads like the path in what was sent."""
    place = [str(part) for part in problem["loc"]]
    if len(place) > 1 and place[0] in ("body", "query", "path", "header", "cookie"):
        place = place[1:]
    message = str(problem["msg"]).removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = "this field is not known"
    elif problem["type"] == "missing" and place == ["body"]:
        message = "there is none; send a JSON object"
    elif problem["type"] in TEXT_BOUNDS and isinstance(problem["input"], str):
        # What pydantic says of a secret is made for lists.
        words, bound = TEXT_BOUNDS[problem["type"]]
        message = f"its length in characters must be {words} {problem['ctx'][bound]}"
    return {"field": ".".join(place), "message": message}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
