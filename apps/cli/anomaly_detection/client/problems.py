"""What went wrong at the server or on the way there, as one line.

ClientError               what was given is wrong: an address, a key, a login, a file
└── ServerError           the server said no, or nothing
    ├── NoAnswer          there was none
    │   └── NobodyThere   nothing was sent, because nothing listens there
    ├── ClientClosed      it was not asked, because the client was closed before
    ├── Unauthenticated   401
    ├── Forbidden         403
    ├── NotFound          404
    ├── Conflict          409
    └── TooManyRequests   429
"""

from typing import Any

import httpx2

from anomaly_detection.errors import ClientError

MOST_FIELDS = 5
MISSING_KEY = (
    "; is the API key right? --api-key (`api_key` in Python) or ANOMALY_DETECTION_API_KEY gives another, "
    "anomaly_detection login signs in"
)
MISSING_PERMISSION = "this needs the permission"
"""How the server begins what only another role helps with; it says itself why else it refuses."""
COMMANDS = {
    "GET /api/v1/streams lists": "streams list",
    "GET /api/v1/train lists": "jobs list",
    "GET /api/v1/models lists": "models list",
    "GET /api/v1/rejected lists": "dead-letters list",
    "GET /api/v1/users lists": "users list",
    "GET /api/v1/api-keys lists": "api-keys list",
    "there is no role ": "roles list",
    "there is no permission ": "roles permissions",
    "upload an artifact to /api/v1/models/": "models upload",
}
"""What the server says for callers of HTTP, and the command that does the same."""


class ServerError(ClientError):
    """The server said no, or nothing.

    Attributes
    ----------
    status : int or None
        Of HTTP; the code of the close of a live feed; None when there was no answer.
    error : str or None
        The code of OAuth, where it is a problem of that.
    fields : list of dict
        What is wrong where: `field` and `message` of each.
    request_id : str or None
        By which the logs of the platform know the call.
    retry_after : str or None
        When to try again, as the server said it.
    tries : int
        How often it was tried.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        error: str | None = None,
        *,
        fields: list[dict[str, Any]] | None = None,
        request_id: str | None = None,
        retry_after: str | None = None,
    ) -> None:
        super().__init__(printable(message))
        self.status = status
        self.error = error
        self.fields = fields or []
        self.request_id = request_id
        self.retry_after = retry_after
        self.tries = 1

    def __str__(self) -> str:
        text = super().__str__()
        return text if self.tries == 1 else f"{text} (tried {self.tries} times)"


class NoAnswer(ServerError):
    """Whether the server did what it was asked is not known."""


class NobodyThere(NoAnswer):
    """No connection was made, so nothing was done."""


class ClientClosed(ServerError):
    """The client was closed before."""


class Unauthenticated(ServerError):
    """The key, login or token is not taken, or not any more."""


class Forbidden(ServerError):
    """The role of the caller does not allow it, or a quota is used up."""


class NotFound(ServerError):
    """There is nothing of that name that the caller may see."""


class Conflict(ServerError):
    """It does not go with what there is already."""


class TooManyRequests(ServerError):
    """A limit or quota of calls is used up for now."""


BY_STATUS: dict[int, type[ServerError]] = {
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: TooManyRequests,
}


def printable(text: str) -> str:
    """Without control characters: what comes from elsewhere must not steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def raise_problem(answer: httpx2.Response) -> None:
    """A failed answer, which must have been read, as an error."""
    if not answer.is_success:
        raise problem_of(answer)


def problem_of(answer: httpx2.Response) -> ServerError:
    """The error that a failed answer is."""
    kind = BY_STATUS.get(answer.status_code, ServerError)
    problem = _problem(answer)
    if problem is None:
        what = f"{answer.request.method} {answer.request.url.path}"
        status = f"{answer.status_code} {answer.reason_phrase}".strip()
        said, problem = f"{what}: answered {status}, not as this platform does; is that its address?", {}
    else:
        told = _told(problem)
        said = told + hint_for(answer.status_code, told) + _command_for(told)
    return kind(
        said,
        answer.status_code,
        problem.get("error"),
        fields=_fields(problem),
        request_id=problem.get("request_id") or answer.headers.get("x-request-id"),
        retry_after=answer.headers.get("retry-after"),
    )


def unreachable(url: str, error: Exception) -> NoAnswer:
    """There was no answer at all."""
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError | OSError):
        reason = str(error) or "no connection in time"
        return NobodyThere(f"{url} cannot be reached ({reason}); is `anomaly_detection serve` running there?")
    if isinstance(error, httpx2.TimeoutException):
        return NoAnswer(f"{url} did not answer in time; look at {url}/health and try again")
    return NoAnswer(f"{url}: the connection broke ({str(error) or type(error).__name__}); try again")


def hint_for(status: int, told: str) -> str:
    """What would help."""
    if status == 401:
        return MISSING_KEY
    if status == 403 and MISSING_PERMISSION in told:
        return "; a key or a user with a role that has it may do this"
    return ""


def _command_for(said: str) -> str:
    found = (command for call, command in COMMANDS.items() if call in said)
    return "".join(f" (command line: anomaly_detection {command})" for command in found)


def _problem(answer: httpx2.Response) -> dict[str, Any] | None:
    """The document of RFC 9457, if it is one."""
    try:
        problem: Any = answer.json()
    except ValueError:
        return None
    return problem if isinstance(problem, dict) and isinstance(problem.get("detail"), str) else None


def _told(problem: dict[str, Any]) -> str:
    """The detail, with the fields that it does not name yet."""
    detail: str = problem["detail"] or str(problem.get("title", ""))
    fields = _fields(problem)[:MOST_FIELDS]
    untold = [entry for entry in fields if str(entry.get("message")) not in detail]
    return "; ".join([detail, *(f"{entry.get('field')}: {entry.get('message')}" for entry in untold)])


def _fields(problem: dict[str, Any]) -> list[dict[str, Any]]:
    errors = problem.get("errors")
    return [entry for entry in errors if isinstance(entry, dict)] if isinstance(errors, list) else []
