"""What happens around every request, as plain ASGI, so that streams and cancellation pass untouched."""

import time
from collections.abc import Callable

import structlog
from opentelemetry import context as otel_context
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ad_chassis.http.context import REQUEST_ID_HEADER, Caller, serving
from ad_chassis.http.problems import problem_response, unexpected_problem
from ad_chassis.logs import get_logger
from ad_chassis.metrics import Metrics
from ad_chassis.redaction import escaped
from ad_chassis.security.noted import NOTED
from ad_chassis.telemetry import request_context

log = get_logger("http")
QUIET_PATHS = ("/health", "/metrics", "/api/v1/health", "/api/v1/metrics")
UNMATCHED = "unmatched"
MOST_OF_ADDRESS = 64
FORWARDED_FOR = "X-Forwarded-For"
RouteTemplate = Callable[[Scope], str]
Answered = Callable[[Scope, int], None]


class RequestContext:
    """Gives each request its id and trace, logs it, and answers an unexpected error as a problem.

    `audit` is told of every call for which a permission was asked, once it is answered.
    """

    def __init__(self, app: ASGIApp, service: str, audit: Answered | None = None) -> None:
        self._app = app
        self._service = service
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        token = otel_context.attach(request_context(headers))
        try:
            with (
                serving(headers.get(REQUEST_ID_HEADER), caller_of(scope, headers)) as request_id,
                structlog.contextvars.bound_contextvars(service=self._service, request_id=request_id),
            ):
                await self._serve(scope, receive, send, request_id)
        finally:
            otel_context.detach(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        answer = _Answer(send, request_id)
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            if scope["type"] != "http" or answer.status:
                log.error("request broke off", path=scope["path"], exc_info=error)
                raise
            await unexpected_problem(scope["path"], error)(scope, receive, answer.send)
        if scope["type"] == "http":
            _log_request(scope, answer.status, time.perf_counter() - started)
            if self._audit is not None and NOTED in scope:
                self._audit(scope, answer.status)


def caller_of(scope: Scope, headers: Headers) -> Caller | None:
    """The server takes the word of a trusted proxy for the address; that of another it leaves in the header."""
    client = scope.get("client")
    if not client:
        return None
    said = [each.strip() for each in headers.get(FORWARDED_FOR, "").split(",")]
    return Caller(escaped(client[0], MOST_OF_ADDRESS), said == [""] or client[0] in said)


class _Answer:
    """Passes the answer on and remembers its status."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message).setdefault(REQUEST_ID_HEADER, self._request_id)
        await self._send(message)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    quiet = scope["path"].startswith(QUIET_PATHS) and status < 500
    level = log.debug if quiet else log.info
    level("request", method=scope["method"], path=scope["path"], status=status, seconds=round(seconds, 6))


class RequestMetrics:
    """Counts requests by route template; what matches no route shares one label."""

    def __init__(self, app: ASGIApp, metrics: Metrics, template: RouteTemplate) -> None:
        self._app = app
        self._metrics = metrics
        self._template = template

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started = time.perf_counter()

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            self._metrics.request(
                scope["method"], self._template(scope), status, time.perf_counter() - started
            )


class BodyLimit:
    """Refuses a body over the limit: at once when it says its length, else as soon as it goes over."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > self._max_body_bytes:
            response = problem_response(413, self._detail, scope["path"], headers={"Connection": "close"})
            await response(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._max_body_bytes:
                # FastAPI lets only its own kind of exception out of the reading of a body.
                raise HTTPException(413, self._detail)
            return message

        await self._app(scope, counted, send)

    @property
    def _detail(self) -> str:
        return f"the body is larger than {self._max_body_bytes} bytes; send it in smaller parts"
