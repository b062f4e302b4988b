"""Every error that the chassis and the services raise on purpose, with what it means to a caller.

PlatformError                     status  outcome       what an operator should do
├── BadRequest                    400     answer        nothing: the caller mends the request
├── Unauthenticated               401     answer        look at the security log when there are many
├── Forbidden                     403     answer        give the subject a role, or leave it so
├── NotFound                      404     answer        nothing
├── Conflict                      409     answer        nothing
├── PreconditionFailed            412     answer        nothing: somebody else was faster
├── PayloadTooLarge               413     answer        raise the limit of the service, or send smaller parts
├── UnsupportedMediaType          415     answer        nothing
├── Unprocessable                 422     answer        nothing: each field is named in `errors`
├── TooManyRequests               429     retry         wait as long as Retry-After says
├── BadGateway                    502     answer        look at the log of the service that is named
├── Unavailable                   503     retry         look at /health of the dependency that is named
├── TimedOut                      504     retry         look at what the service that is named is busy with
└── SettingsError                 500     stop          mend the variable that is named and start again
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, TypedDict

Outcome = Literal["answer", "retry", "stop"]


class FieldError(TypedDict):
    """One field of a request that is wrong."""

    field: str
    message: str


class PlatformError(Exception):
    """An expected failure. `detail` says what was wrong, where, and what would be right."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal server error"
    outcome: ClassVar[Outcome] = "answer"
    type: ClassVar[str] = "about:blank"

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members: Mapping[str, str | int] = {}


class BadRequest(PlatformError):
    status = 400
    title = "Bad request"


class Unauthenticated(PlatformError):
    status = 401
    title = "Unauthenticated"

    def __init__(self, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer", **(headers or {})})


class Forbidden(PlatformError):
    status = 403
    title = "Forbidden"


class NotFound(PlatformError):
    status = 404
    title = "Not found"


class Conflict(PlatformError):
    status = 409
    title = "Conflict"


class PreconditionFailed(PlatformError):
    status = 412
    title = "Precondition failed"


class PayloadTooLarge(PlatformError):
    status = 413
    title = "Content too large"


class UnsupportedMediaType(PlatformError):
    status = 415
    title = "Unsupported media type"


class Unprocessable(PlatformError):
    status = 422
    title = "Unprocessable content"


class TooManyRequests(PlatformError):
    status = 429
    title = "Too many requests"
    outcome = "retry"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class BadGateway(PlatformError):
    status = 502
    title = "Bad gateway"


class Unavailable(PlatformError):
    status = 503
    title = "Service unavailable"
    outcome = "retry"

    def __init__(
        self, detail: str, *, errors: Sequence[FieldError] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail, errors=errors, headers={"Retry-After": "1", **(headers or {})})


class TimedOut(PlatformError):
    status = 504
    title = "Gateway timeout"
    outcome = "retry"


class SettingsError(PlatformError):
    """A variable of the environment is missing or wrong; the process does not start."""

    title = "Wrong settings"
    outcome = "stop"


ERROR_OF_STATUS: dict[int, type[PlatformError]] = {
    error.status: error
    for error in (
        BadRequest,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        PreconditionFailed,
        PayloadTooLarge,
        UnsupportedMediaType,
        Unprocessable,
        TooManyRequests,
        BadGateway,
        Unavailable,
        TimedOut,
    )
}
