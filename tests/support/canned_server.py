"""A real HTTP and WebSocket server with answers that a test gives it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from tests.support.in_thread import served_in_thread

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
KEY = "ad_0190f3c2_c2VjcmV0"


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What is answered; bytes go out as they are, anything else as JSON."""

    content: Any = b""
    status: int = 200
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Listen:
    """The feed waits for a message of the client."""


@dataclass(frozen=True)
class Close:
    """The end of a connection of the feed."""

    code: int = 1012
    reason: str = ""


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Answer:
    """A failure as the platform tells it."""
    told = {"title": "x", "status": status, "detail": detail, **more}
    return Answer(told, status, "application/problem+json", headers or {})


class CannedServer:
    """The last answer to a call is repeated; what has no answer is a 404."""

    def __init__(self) -> None:
        self.url = ""
        self.forget()
        routes = [
            WebSocketRoute("/api/v1/ws/anomalies", self._feed),
            Route("/{path:path}", self._answer, methods=METHODS),
        ]
        self.app = Starlette(routes=routes)

    def forget(self) -> None:
        """As new, so that one server is enough for many tests."""
        self.seen: list[Seen] = []
        self.connections: list[list[dict[str, Any] | str | Close | Listen]] = []
        self.refused: str | None = None
        """A token that is answered with 401."""
        self.heard: list[dict[str, Any]] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}

    def on(self, call: str, *answers: Any) -> None:
        """`on("GET /streams", …)`; what is no `Answer` is JSON with status 200."""
        method, _, path = call.partition(" ")
        path = path if path.startswith("/.well-known/") else f"/api/v1{path}"
        self._answers[method, path] = [a if isinstance(a, Answer) else Answer(a) for a in answers]

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    async def _answer(self, request: Request) -> Response:
        self.seen.append(_seen(request, request.method, await request.body()))
        if self.refused is not None and request.headers.get("authorization") == f"Bearer {self.refused}":
            return self._response(problem(401, "the token has ended"))
        prepared = self._answers.get((request.method, request.url.path))
        if not prepared:
            answer = problem(404, f"there is nothing at {request.url.path}")
        else:
            answer = prepared.pop(0) if len(prepared) > 1 else prepared[0]
        return self._response(answer)

    @staticmethod
    def _response(answer: Answer) -> Response:
        content = answer.content if isinstance(answer.content, bytes) else json.dumps(answer.content)
        return Response(content, answer.status, answer.headers, answer.media_type)

    async def _feed(self, socket: WebSocket) -> None:
        """Each connection plays the next script; without one it stays open and silent."""
        self.seen.append(_seen(socket, "WS"))
        await socket.accept()
        try:
            for message in self.connections.pop(0) if self.connections else []:
                if isinstance(message, Close):
                    await socket.close(message.code, message.reason)
                    return
                if isinstance(message, Listen):
                    self.heard.append(await socket.receive_json())
                    continue
                await socket.send_text(message if isinstance(message, str) else json.dumps(message))
            await socket.receive()
        except WebSocketDisconnect:
            return


def _seen(request: Request | WebSocket, method: str, body: bytes = b"") -> Seen:
    query = {name: request.query_params.getlist(name) for name in request.query_params}
    return Seen(method, request.url.path, query, dict(request.headers), body)


@contextmanager
def running() -> Iterator[CannedServer]:
    """The server in a thread, on a free port."""
    canned = CannedServer()
    with served_in_thread(canned.app) as canned.url:
        yield canned
