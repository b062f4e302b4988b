"""The client for programs without asyncio."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from anomaly_detection.client.effects import (
    Connect,
    Found,
    Hear,
    Items,
    Read,
    Request,
    Say,
    Send,
    Steps,
    Wait,
    Work,
)
from anomaly_detection.client.operations import Threads
from anomaly_detection.client.problems import ServerError
from anomaly_detection.client.resources.platform import Platform
from anomaly_detection.client.retrying import Retry
from anomaly_detection.client.session import Session, session_of
from anomaly_detection.client.signature import TokenSource
from anomaly_detection.client.walk import Walk

T = TypeVar("T")


class Client(Platform[Threads]):
    """A running platform, from a program; good for several threads at once.

    Calls that are safe to repeat are tried again when the way or the platform fails for a while; a login is renewed;
    lists are iterators that fetch page after page. Failures are `ClientError`: of what the platform answered
    `ServerError`, whose subclasses tell them apart.

    Parameters
    ----------
    url : str, optional
        Address of the platform. Unless given, ANOMALY_DETECTION_URL, else http://127.0.0.1:8000.
    api_key : str, optional
        Key to sign in with. Unless given, ANOMALY_DETECTION_API_KEY, else the login that `anomaly_detection login`
        keeps, else `admin.key` of the data folder, which is sent to this machine only.
    token : str or TokenSource, optional
        An access token instead; or an object that gives one (`token()`) and another one (`renewed(refused)`).
    retry : Retry, optional
        How often and how long calls are tried again.

    Examples
    --------
    >>> from anomaly_detection import Client
    >>> with Client("http://127.0.0.1:8000", api_key="ad_0190f3c2_c2VjcmV0") as client:
    ...     client.address.url
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
        self._threads = _Driver(session)
        super().__init__(self._threads, session.address, session.signature)

    def close(self) -> None:
        """Ends its connections; who follows anomalies in another thread comes to the end of them."""
        self._threads.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Driver:
    """Drives steps by blocking calls."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.http = httpx2.Client(**session.http_options)
        self.over = threading.Event()
        self.sockets: set[Any] = set()

    def close(self) -> None:
        self.session.closed = True
        self.over.set()
        for socket in list(self.sockets):
            socket.close()
        self.http.close()

    def run(self, steps: Steps[T]) -> T:
        with closing(_Run(self)) as run:
            return run.all(steps)

    def each(self, items: Items[T]) -> Iterator[T]:
        with closing(_Run(self)) as run, Walk(items) as walk:
            while walk.effect is not None:
                if isinstance(walk.effect, Found):
                    yield walk.effect.item
                    walk.give(None)
                else:
                    run.step(walk)


class _Run:
    """One operation, with what it has open."""

    def __init__(self, driver: _Driver) -> None:
        self._driver = driver
        self._session = driver.session
        self._body: httpx2.Response | None = None
        self._pieces: Any = None
        self._socket: Any = None
        self._line = ExitStack()

    def close(self) -> None:
        self._hang_up()
        if self._body is not None:
            self._body.close()

    def all(self, steps: Steps[T]) -> T:
        with Walk(steps) as walk:
            while walk.effect is not None:
                self.step(walk)
        result: T = walk.result
        return result

    def step(self, walk: Walk[Any]) -> None:
        try:
            done = self._done(walk.effect)
        except ServerError as error:
            walk.fail(error)
        else:
            walk.give(done)

    def _done(self, effect: Any) -> Any:
        self._session.check_open()
        done: Any = None
        match effect:
            case Request():
                done = self.all(self._session.attempts(effect))
            case Send():
                done = self._sent(effect)
            case Read():
                done = self._read()
            case Wait():
                self._wait(effect.seconds)
            case Work():
                done = effect.function()
            case Connect():
                self._connected(effect)
            case Hear():
                done = self._heard()
            case Say():
                self._said(effect.text)
        return done

    def _sent(self, send: Send) -> httpx2.Response:
        request, http = send.request, self._driver.http
        content = request.content() if callable(request.content) else request.content
        try:
            built = http.build_request(**self._session.options(request, send.token), content=content)
            answer = http.send(built, stream=True)
            self._session.met = True
            if request.opened and answer.is_success:
                self._body, self._pieces = answer, answer.iter_bytes()
            else:
                with closing(answer):
                    answer.read()
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._session.failure(error) from error
        return answer

    def _read(self) -> bytes | None:
        try:
            return next(self._pieces, None)
        except httpx2.HTTPError as error:
            raise self._session.failure(error) from error

    def _wait(self, seconds: float) -> None:
        self._driver.over.wait(seconds)

    def _connected(self, connect: Connect) -> None:
        from websockets.exceptions import WebSocketException
        from websockets.sync.client import connect as connect_socket

        from anomaly_detection.client.feed import connection_failure

        self._hang_up()
        try:
            opening = connect_socket(connect.address, **self._session.socket_options(connect.token))
            self._socket = self._line.enter_context(opening)
        except (OSError, WebSocketException) as error:
            raise connection_failure(self._session.address.url, error) from error
        self._driver.sockets.add(self._socket)

    def _heard(self) -> Any:
        from websockets.exceptions import ConnectionClosed

        from anomaly_detection.client.feed import end_of

        try:
            return self._socket.recv()
        except ConnectionClosed as closed:
            raise end_of(closed) from closed

    def _said(self, text: str) -> None:
        from websockets.exceptions import ConnectionClosed

        from anomaly_detection.client.feed import end_of

        try:
            self._socket.send(text)
        except ConnectionClosed as closed:
            raise end_of(closed) from closed

    def _hang_up(self) -> None:
        socket, self._socket = self._socket, None
        self._driver.sockets.discard(socket)
        self._line.close()
