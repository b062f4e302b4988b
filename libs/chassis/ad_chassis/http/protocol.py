"""uvicorn's HTTP/1.1, which writes once, and gives up on a client that does not end its head or takes no answer."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
TAKES_SECONDS = 120.0
"""Twice what the gateway gives its clients for a piece: while it waits for one of them, no service gives up on it."""
LARGE_BYTES = 2**16
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class Gathering:
    """A transport that writes once in each round of the event loop: uvicorn hands over head and body one by one.

    Who takes nothing for a while of what was written is cut off, also behind a whole answer.
    """

    takes_seconds = TAKES_SECONDS
    _late: asyncio.TimerHandle | None = None

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []
        self._written = 0
        self._taken = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not data:
            return
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(data)
        if len(data) > LARGE_BYTES:
            # So that the transport says in time when it has enough.
            self._flush()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def set_protocol(self, protocol: Any) -> None:
        """A WebSocket takes over, and gets what lies below."""
        self._flush()
        self._transport.set_protocol(protocol)

    def _flush(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            data = b"".join(waiting)
            self._transport.write(data)
            self._written += len(data)
            if self._late is None and (left := self._transport.get_write_buffer_size()):
                self._expect_taking(left)

    def _expect_taking(self, left: int) -> None:
        self._taken = self._written - left
        self._late = self._loop.call_later(self.takes_seconds, self._look)

    def _look(self) -> None:
        self._late = None
        left = self._transport.get_write_buffer_size()
        if left and self._written - left == self._taken:
            self._transport.abort()
        elif left:
            self._expect_taking(left)


class PunctualProtocol(H11Protocol):
    """uvicorn has a time-out between requests alone: the first byte of the next one ends it (slow-loris)."""

    head_seconds = HEAD_SECONDS
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(Gathering(transport, self.loop))  # type: ignore[arg-type]  # in all that it asks for
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        """From the connection, or the first byte of a further request, until the head is whole."""
        if self.conn.their_state is not h11.IDLE:
            self._cancel()
        elif self._late is None:
            self._late = self.loop.call_later(self.head_seconds, self._give_up)

    def _give_up(self) -> None:
        self.transport.write(TOO_SLOW)
        self.transport.close()

    def _cancel(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
