"""The transport of calls inside the process: the body of an answer is handed on as the application sends it."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import suppress
from typing import Any

import httpx2
import structlog
from starlette.types import ASGIApp

MOST_PIECES = 8
"""Of an answer that wait for the caller; then the application waits."""
log = structlog.get_logger(__name__)
Message = MutableMapping[str, Any]


class InProcessTransport(httpx2.AsyncBaseTransport):
    """httpx2's own one gathers the whole answer first, so that a lake of records would stand in memory."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = _Answer(self._app, request)
        try:
            start = await answer.start()
        except BaseException:
            await answer.aclose()
            raise
        return httpx2.Response(start["status"], headers=start.get("headers", []), stream=answer)


class _Answer(httpx2.AsyncByteStream):
    """One call of the application, in a task of its own."""

    def __init__(self, app: ASGIApp, request: httpx2.Request) -> None:
        if not isinstance(request.stream, httpx2.AsyncByteStream):
            raise TypeError("the body of a request must be bytes or an asynchronous iterator")
        self._request = request
        self._body = aiter(request.stream)
        self._sent: asyncio.Queue[Message | None] = asyncio.Queue(MOST_PIECES)
        self._done = asyncio.Event()
        self._asked_all = False
        self._task = asyncio.create_task(self._call(app), name=f"{request.method} {request.url.path}")

    async def start(self) -> Message:
        message = await self._sent.get()
        if message is None:
            # What is unexpected is answered, never raised into the caller.
            return {"status": 500}
        return message

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self._sent.get()) is not None:
            if message.get("body") and self._request.method != "HEAD":
                yield message["body"]
            if not message.get("more_body", False):
                return
        raise httpx2.RemoteProtocolError("the application broke off its answer", request=self._request)

    async def aclose(self) -> None:
        self._done.set()
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _call(self, app: ASGIApp) -> None:
        try:
            await app(_scope(self._request), self._receive, self._sent.put)
        except Exception:
            log.exception("the application failed", path=self._request.url.path)
        await self._sent.put(None)

    async def _receive(self) -> Message:
        try:
            return {"type": "http.request", "body": await anext(self._body), "more_body": True}
        except StopAsyncIteration:
            if not self._asked_all:
                self._asked_all = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await self._done.wait()
            return {"type": "http.disconnect"}


def _scope(request: httpx2.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        # Whoever calls inside the process is believed; the gateway says for whom.
        "client": (request.headers.get("x-forwarded-for", "127.0.0.1"), 0),
        "root_path": "",
    }
