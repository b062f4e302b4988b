"""The client for programs with asyncio."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from anomaly_detection.client.effects import (
    Connect,
    Found,
    Hear,
    Items,
    Pieces,
    Read,
    Request,
    Say,
    Send,
    Steps,
    Wait,
    Work,
)
from anomaly_detection.client.operations import Tasks
from anomaly_detection.client.problems import ServerError
from anomaly_detection.client.resources.platform import Platform
from anomaly_detection.client.retrying import Retry
from anomaly_detection.client.session import Session, session_of
from anomaly_detection.client.signature import TokenSource
from anomaly_detection.client.walk import Walk

T = TypeVar("T")


class AsyncClient(Platform[Tasks]):
    """`Client` for asyncio: operations are awaited, and lists are asynchronous iterators.

    Who leaves `follow` or a list early and does not want to wait for the garbage collector closes it
    (`contextlib.aclosing`).

    Parameters
    ----------
    url, api_key, token, retry
        As for `Client`. Files, and renewals of a token, are worked on in threads.

    Examples
    --------
    >>> import asyncio
    >>> from anomaly_detection import AsyncClient
    >>> async def address() -> str:
    ...     async with AsyncClient("http://127.0.0.1:8000", api_key="ad_0190f3c2_c2VjcmV0") as client:
    ...         return client.address.url
    >>> asyncio.run(address())
    'http://127.0.0.1:8000'
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        token: str | TokenSource | None = None,
        retry: Retry | None = None,
    ) -> None:
        session = session_of(url, api_key, token, retry)
        self._tasks = _Driver(session)
        super().__init__(self._tasks, session.address, session.signature)

    async def close(self) -> None:
        """Ends its connections; a task that follows anomalies comes to the end of them."""
        await self._tasks.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Driver:
    """Drives steps by awaiting."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.http = httpx2.AsyncClient(**session.http_options)
        self.over = asyncio.Event()
        self.sockets: set[Any] = set()

    async def close(self) -> None:
        self.session.closed = True
        self.over.set()
        for socket in list(self.sockets):
            await socket.close()
        await self.http.aclose()

    async def run(self, steps: Steps[T]) -> T:
        async with aclosing(_Run(self)) as run:
            return await run.all(steps)

    async def each(self, items: Items[T]) -> AsyncIterator[T]:
        async with aclosing(_Run(self)) as run:
            with Walk(items) as walk:
                while walk.effect is not None:
                    if isinstance(walk.effect, Found):
                        yield walk.effect.item
                        walk.give(None)
                    else:
                        await run.step(walk)


class _Run:
    """One operation, with what it has open."""

    def __init__(self, driver: _Driver) -> None:
        self._driver = driver
        self._session = driver.session
        self._body: httpx2.Response | None = None
        self._pieces: Any = None
        self._socket: Any = None
        self._line = AsyncExitStack()

    async def aclose(self) -> None:
        await self._hang_up()
        if self._body is not None:
            await self._body.aclose()

    async def all(self, steps: Steps[T]) -> T:
        with Walk(steps) as walk:
            while walk.effect is not None:
                await self.step(walk)
        result: T = walk.result
        return result

    async def step(self, walk: Walk[Any]) -> None:
        try:
            done = await self._done(walk.effect)
        except ServerError as error:
            walk.fail(error)
        else:
            walk.give(done)

    async def _done(self, effect: Any) -> Any:
        self._session.check_open()
        done: Any = None
        match effect:
            case Request():
                done = await self.all(self._session.attempts(effect))
            case Send():
                done = await self._sent(effect)
            case Read():
                done = await self._read()
            case Wait():
                await self._wait(effect.seconds)
            case Work():
                done = await asyncio.to_thread(effect.function)
            case Connect():
                await self._connected(effect)
            case Hear():
                done = await self._heard()
            case Say():
                await self._said(effect.text)
        return done

    async def _sent(self, send: Send) -> httpx2.Response:
        request, http = send.request, self._driver.http
        content = _streamed(request.content) if callable(request.content) else request.content
        try:
            built = http.build_request(**self._session.options(request, send.token), content=content)
            answer = await http.send(built, stream=True)
            self._session.met = True
            if request.opened and answer.is_success:
                self._body, self._pieces = answer, answer.aiter_bytes()
            else:
                async with aclosing(answer):
                    await answer.aread()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._session.failure(error) from error
        return answer

    async def _read(self) -> bytes | None:
        try:
            return await anext(self._pieces, None)
        except httpx2.HTTPError as error:
            raise self._session.failure(error) from error

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._driver.over.wait(), seconds)
        except TimeoutError:
            return

    async def _connected(self, connect: Connect) -> None:
        from websockets.asyncio.client import connect as connect_socket
        from websockets.exceptions import WebSocketException

        from anomaly_detection.client.feed import connection_failure

        await self._hang_up()
        try:
            opening = connect_socket(connect.address, **self._session.socket_options(connect.token))
            self._socket = await self._line.enter_async_context(opening)
        except (OSError, WebSocketException) as error:
            raise connection_failure(self._session.address.url, error) from error
        self._driver.sockets.add(self._socket)

    async def _heard(self) -> Any:
        from websockets.exceptions import ConnectionClosed

        from anomaly_detection.client.feed import end_of

        try:
            return await self._socket.recv()
        except ConnectionClosed as closed:
            raise end_of(closed) from closed

    async def _said(self, text: str) -> None:
        from websockets.exceptions import ConnectionClosed

        from anomaly_detection.client.feed import end_of

        try:
            await self._socket.send(text)
        except ConnectionClosed as closed:
            raise end_of(closed) from closed

    async def _hang_up(self) -> None:
        socket, self._socket = self._socket, None
        self._driver.sockets.discard(socket)
        await self._line.aclose()


async def _streamed(pieces: Pieces) -> AsyncIterator[bytes]:
    source: Iterator[bytes] = pieces()
    while (piece := await asyncio.to_thread(next, source, None)) is not None:
        yield piece
