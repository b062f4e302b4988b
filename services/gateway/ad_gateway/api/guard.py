"""Around everything that the gateway answers: malformed requests, limits by address, headers, compression."""

import re

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ad_chassis.errors import TooManyRequests
from ad_chassis.http.problems import problem_response, unexpected_problem
from ad_chassis.logs import security_event
from ad_gateway.domain.headers import accepts_gzip, secured
from ad_gateway.domain.limits import RateLimits, Verdict, tightest
from ad_gateway.domain.policies import policy_of

COMPRESSED_FROM_BYTES = 1024
COMPRESSION_LEVEL = 4
PACKED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.stream",
)
STEPS = re.compile(r"(^|/)\.{1,2}(/|$)")
NOWHERE = "nowhere"
STARTS = {"http.response.start", "websocket.http.response.start"}
FRAMED_TWICE = "the body is framed twice; send either Content-Length or Transfer-Encoding"


class Guard:
    """Plain ASGI, with one look-up and no wait. Of WebSockets it counts the handshake."""

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        self._app = app
        self._compressed = GZipMiddleware(
            app, COMPRESSED_FROM_BYTES, COMPRESSION_LEVEL, exclude_content_types=PACKED
        )
        self._limits = limits
        self._policy = limits.policy.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        verdict = self._limits.of_address(scope["client"][0] if scope["client"] else NOWHERE)
        scope["verdicts"] = [verdict]
        if scope["type"] == "websocket" and verdict.allowed:
            await self._app(scope, receive, send)
            return
        policy = scope["policy"] = policy_of(scope["path"])
        answer = _Answer(scope, send, self._policy)
        if not verdict.allowed:
            response = problem_response(429, exceeded(verdict), scope["path"], headers=retry_after(verdict))
            await response(scope, receive, answer.send)
        elif (wrong := malformed(scope)) is not None:
            security_event("malformed request", reason=wrong, path=scope["path"][:200])
            # Only where nobody knows what comes next: closed with a body under way, the answer may be lost.
            close = {"Connection": "close"} if wrong == FRAMED_TWICE else {}
            response = problem_response(400, wrong, scope["path"], headers=close)
            await response(scope, receive, answer.send)
        else:
            app = self._app if policy.secret or not _takes_gzip(scope) else self._compressed
            try:
                await app(scope, receive, answer.send)
            except Exception as error:
                if answer.begun:
                    raise
                # Here, because further out it would lack what browsers heed.
                await unexpected_problem(scope["path"], error)(scope, receive, answer.send)


class _Answer:
    """Adds what every answer says, at the last moment: what was counted on the way in counts."""

    def __init__(self, scope: Scope, send: Send, policy: bytes) -> None:
        self._scope = scope
        self._send = send
        self._policy = policy
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] in STARTS:
            self.begun = True
            verdict = tightest(self._scope["verdicts"])
            message["headers"] = [
                *secured(list(message.get("headers", ())), self._scope["scheme"]),
                (b"ratelimit-policy", self._policy),
                (b"ratelimit", f'"{verdict.quota}";r={verdict.remaining};t={verdict.reset_seconds}'.encode()),
            ]
        await self._send(message)


def exceeded(verdict: Verdict) -> str:
    return (
        f"too many requests of this {verdict.quota}; {verdict.limit} in 10 s are taken, "
        "the header RateLimit says when there is room"
    )


def over(verdict: Verdict) -> TooManyRequests:
    return TooManyRequests(exceeded(verdict), retry_after_seconds=verdict.reset_seconds)


def retry_after(verdict: Verdict) -> dict[str, str]:
    return {"Retry-After": str(verdict.reset_seconds)}


def malformed(scope: Scope) -> str | None:
    """What two servers could read in two ways, and what leads out of where it seems to lead."""
    path: str = scope["path"]
    if not path.isprintable() or "\\" in path:
        return "the path holds characters that no address has"
    if "/." in path and STEPS.search(path):
        return "the path holds steps such as '..'; name the address itself"
    names = [name for name, value in scope["headers"] if not value.isascii()]
    if names:
        return f"the header {names[0].decode('latin-1')} holds characters beyond ASCII"
    given = [name for name, _ in scope["headers"]]
    if b"transfer-encoding" in given and b"content-length" in given:
        return FRAMED_TWICE
    return None


def _takes_gzip(scope: Scope) -> bool:
    return any(
        name == b"accept-encoding" and accepts_gzip(value.decode("latin-1"))
        for name, value in scope["headers"]
    )
