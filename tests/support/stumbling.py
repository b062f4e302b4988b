"""A way to a server that is shut for the first calls."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.canned_server import METHODS
from tests.support.in_thread import served_in_thread


class Stumbling:
    """Answers 503 with Retry-After to every first try of a call, and forwards the next."""

    def __init__(self, aim: str) -> None:
        self.url = ""
        self.tries: list[tuple[str, str, str | None]] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._answer, methods=METHODS)])
        self._aim = aim

    async def _answer(self, request: Request) -> Response:
        call = (request.method, request.url.path, request.headers.get("idempotency-key"))
        self.tries.append(call)
        if self.tries.count(call) == 1:
            return Response(status_code=503, headers={"Retry-After": "1"})
        kept = {name: value for name, value in request.headers.items() if name not in {"host", "connection"}}
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            address = f"{self._aim}{request.url.path}?{request.url.query}"
            answer = await http.request(request.method, address, content=await request.body(), headers=kept)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))


@contextmanager
def stumbling(aim: str) -> Iterator[Stumbling]:
    """In a thread, on a free port."""
    way = Stumbling(aim)
    with served_in_thread(way.app) as way.url:
        yield way
