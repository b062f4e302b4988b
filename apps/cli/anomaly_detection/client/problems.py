"""What went wrong at the server or on the way there, as one line."""

from typing import Any

import httpx2

from anomaly_detection.errors import CliError

MOST_FIELDS = 5
HINTS = {
    401: "; is the API key right? --api-key or ANOMALY_DETECTION_API_KEY gives another, "
    "anomaly_detection login signs in",
    403: "; this needs a key with a role that allows it",
}
COMMANDS = {
    "GET /api/v1/streams lists": "streams list",
    "GET /api/v1/train lists": "jobs list",
    "GET /api/v1/models lists": "models list",
    "upload an artifact to /api/v1/models/": "models upload",
}
"""What the server says for callers of HTTP, and the command that does the same."""


class ServerError(CliError):
    """The server said no, or nothing; `status` is None when there was no answer, `error` the code of an OAuth one."""

    def __init__(self, message: str, status: int | None = None, error: str | None = None) -> None:
        super().__init__(printable(message))
        self.status = status
        self.error = error


def printable(text: str) -> str:
    """Without control characters: what comes from elsewhere must not steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def raise_problem(answer: httpx2.Response) -> None:
    """A failed answer, which must have been read, as an error."""
    if answer.is_success:
        return
    what = f"{answer.request.method} {answer.request.url.path}"
    said = _problem(answer)
    if said is None:
        status = f"{answer.status_code} {answer.reason_phrase}".strip()
        raise ServerError(
            f"{what}: answered {status}, not as this platform does; is --server its address?",
            answer.status_code,
        )
    hints = HINTS.get(answer.status_code, "") + _command_for(said)
    raise ServerError(said + hints, answer.status_code, answer.json().get("error"))


def _command_for(said: str) -> str:
    found = (command for call, command in COMMANDS.items() if call in said)
    return "".join(f" (command line: anomaly_detection {command})" for command in found)


def unreachable(url: str, error: Exception) -> ServerError:
    """There was no answer at all."""
    if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError | OSError):
        reason = str(error) or "no connection in time"
        return ServerError(f"{url} cannot be reached ({reason}); is `anomaly_detection serve` running there?")
    if isinstance(error, httpx2.TimeoutException):
        return ServerError(f"{url} did not answer in time; look at {url}/health and try again")
    return ServerError(f"{url}: the connection broke ({str(error) or type(error).__name__}); try again")


def _problem(answer: httpx2.Response) -> str | None:
    """The detail of an RFC 9457 problem, with the fields that it does not name yet."""
    try:
        problem: Any = answer.json()
    except ValueError:
        return None
    if not isinstance(problem, dict) or not isinstance(problem.get("detail"), str):
        return None
    detail: str = problem["detail"] or str(problem.get("title", ""))
    fields = [entry for entry in problem.get("errors") or [] if isinstance(entry, dict)]
    untold = [entry for entry in fields[:MOST_FIELDS] if str(entry.get("message")) not in detail]
    return "; ".join([detail, *(f"{entry.get('field')}: {entry.get('message')}" for entry in untold)])
