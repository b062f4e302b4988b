"""What happens around every request, as plain ASGI, so that streams and cancellation pass untouched."""

import time
from collections.abc import Callable, Mapping

from opentelemetry import context as otel_context
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ad_chassis.http.context import REQUEST_ID_HEADER, serving
from ad_chassis.http.problems import problem_response, unexpected_problem
from ad_chassis.logs import get_logger
from ad_chassis.metrics import Metrics
from ad_chassis.redaction import escaped
from ad_chassis.request_log import log_request
from ad_chassis.security.noted import NOTED
from ad_chassis.served import Caller, Served
from ad_chassis.telemetry import request_context

log = get_logger("http")
QUIET_PATHS = ("/health", "/metrics", "/api/v1/health", "/api/v1/metrics")
UNMATCHED = "unmatched"
MOST_OF_ADDRESS = 64
FORWARDED_FOR = b"x-forwarded-for"
REQUEST_ID = REQUEST_ID_HEADER.lower().encode()
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
        headers = first_of_each(scope)
        traced = request_context(headers)
        token = None if traced is None else otel_context.attach(traced)
        given = headers.get(REQUEST_ID, b"").decode("latin-1")
        try:
            with serving(given, caller_of(scope, headers), self._service) as served:
                await self._serve(scope, receive, send, served)
        finally:
            if token is not None:
                otel_context.detach(token)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, served: Served) -> None:
        answer = _Answer(send, served.request_id.encode())
        started = time.perf_counter()
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            if scope["type"] != "http" or answer.status:
                log.error("request broke off", path=scope["path"], exc_info=error)
                raise
            await unexpected_problem(scope["path"], error)(scope, receive, answer.send)
        if scope["type"] == "http":
            quiet = scope["path"].startswith(QUIET_PATHS) and answer.status < 500
            seconds = time.perf_counter() - started
            log_request(served, scope["method"], scope["path"], answer.status, seconds, quiet=quiet)
            if self._audit is not None and NOTED in scope:
                self._audit(scope, answer.status)


def first_of_each(scope: Scope) -> dict[bytes, bytes]:
    """Headers by name, of several with one name the first: cheaper than a search for each that is wanted."""
    return dict(reversed(scope["headers"]))


def caller_of(scope: Scope, headers: Mapping[bytes, bytes]) -> Caller | None:
    """The server takes the word of a trusted proxy for the address; that of another it leaves in the header."""
    client = scope.get("client")
    if not client:
        return None
    address: str = client[0]
    shown = escaped(address, MOST_OF_ADDRESS)
    if FORWARDED_FOR not in headers:
        return Caller(shown)
    said = [each.strip() for each in headers[FORWARDED_FOR].decode("latin-1").split(",")]
    return Caller(shown, said == [""] or address in said)


class _Answer:
    """Passes the answer on and remembers its status."""

    def __init__(self, send: Send, request_id: bytes) -> None:
        self._send = send
        self._request_id = request_id
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            if not any(name == REQUEST_ID for name, _ in headers):
                message["headers"] = [*headers, (REQUEST_ID, self._request_id)]
        await self._send(message)


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
