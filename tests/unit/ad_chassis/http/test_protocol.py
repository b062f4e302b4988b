"""A client has a limited time for the head of a request, from its first byte, and to take something of its answer."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ad_chassis import hosting
from ad_chassis.hosting import serving
from ad_chassis.http.protocol import LARGE_BYTES, Gathering, PunctualProtocol

HEAD = b"GET / HTTP/1.1\r\nhost: shop\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    await asyncio.sleep(0.3 if scope["path"] == "/slow" else 0)
    await PlainTextResponse("hello")(scope, receive, send)


@asynccontextmanager
async def connected(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Streams]:
    monkeypatch.setattr(PunctualProtocol, "head_seconds", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving(answering, listener, 1.0), asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            try:
                yield reader, writer
            finally:
                writer.close()


async def test_who_says_nothing_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (reader, _):
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_who_drips_its_head_is_hung_up_on_however_often_a_byte_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with connected(monkeypatch) as (reader, writer):

        async def drip() -> None:
            writer.write(HEAD)
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()


async def test_the_second_request_of_a_connection_has_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (reader, writer):
        writer.write(HEAD + b"\r\n")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200 ")
        writer.write(b"G")
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_an_answer_may_take_longer_than_the_head(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (reader, writer):
        writer.write(HEAD.replace(b"/ ", b"/slow ") + b"\r\n")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200 ")


class Wire:
    """A transport that keeps what was done with it; `left` is what it has not sent yet, each time that it is asked."""

    def __init__(self, *left: int) -> None:
        self.done: list[Any] = []
        self.looked_at = asyncio.Event()
        self._left = list(left)

    def get_write_buffer_size(self) -> int:
        left = self._left.pop(0) if self._left else 0
        if not self._left:
            self.looked_at.set()
        return left

    def abort(self) -> None:
        self.done.append("aborted")

    def write(self, data: bytes) -> None:
        self.done.append(data)

    def close(self) -> None:
        self.done.append("closed")

    def set_protocol(self, protocol: Any) -> None:
        self.done.append(protocol)

    def is_closing(self) -> bool:
        return "closed" in self.done


async def gathering(*left: int) -> tuple[Gathering, Wire]:
    wire = Wire(*left)
    return Gathering(wire, asyncio.get_running_loop()), wire


async def test_head_and_body_leave_in_one_write() -> None:
    transport, wire = await gathering()
    for data in (b"head", b"", b"body"):
        transport.write(data)
    assert wire.done == []
    await asyncio.sleep(0)
    assert wire.done == [b"headbody"]


async def test_each_round_of_the_loop_writes_what_came_in_it() -> None:
    transport, wire = await gathering()
    for data in (b"one", b"two"):
        transport.write(data)
        await asyncio.sleep(0)
    assert wire.done == [b"one", b"two"]


async def test_a_large_piece_leaves_at_once_behind_what_waits() -> None:
    transport, wire = await gathering()
    transport.write(b"head")
    large = bytes(LARGE_BYTES + 1)
    transport.write(large)
    assert wire.done == [b"head" + large]
    await asyncio.sleep(0)
    assert len(wire.done) == 1, "nothing is written twice"


async def test_closing_writes_what_waits_first() -> None:
    transport, wire = await gathering()
    transport.write(b"last words")
    transport.close()
    assert wire.done == [b"last words", "closed"]
    assert transport.is_closing(), "all else is asked of what lies below"


async def test_a_websocket_takes_over_after_what_waits() -> None:
    transport, wire = await gathering()
    transport.write(b"switching")
    transport.set_protocol("websocket")
    assert wire.done == [b"switching", "websocket"]


@asynccontextmanager
async def flowing(take: asyncio.Event, sent: list[int]) -> AsyncIterator[None]:
    """A client that takes nothing of an endless answer until it may."""

    async def endless(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": bytes(2 * LARGE_BYTES), "more_body": True})
            sent.append(2 * LARGE_BYTES)
        take.set()
        await send({"type": "http.response.body", "body": b""})

    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with serving(endless, listener, 1.0), asyncio.timeout(10):
            _, writer = await asyncio.open_connection(*listener.getsockname(), limit=1024)
            writer.write(HEAD + b"\r\n")
            try:
                yield
            finally:
                writer.transport.abort()


async def test_who_takes_nothing_is_not_written_for_without_end() -> None:
    over, sent = asyncio.Event(), list[int]()
    async with flowing(over, sent):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await over.wait()
        # Looked at here: what is written to a client that has gone is thrown away.
        assert 0 < len(sent) < 1000


@pytest.mark.parametrize(
    ("left", "end"),
    [((9, 9), ["aborted"]), ((9, 4, 4), ["aborted"]), ((9, 4, 0), [])],
    ids=["nothing", "nothing more", "all"],
)
async def test_who_takes_nothing_more_is_cut_off_and_who_takes_something_is_not(
    monkeypatch: pytest.MonkeyPatch, left: tuple[int, ...], end: list[str]
) -> None:
    monkeypatch.setattr(Gathering, "takes_seconds", 0.01)
    transport, wire = await gathering(*left)
    transport.write(b"123456789")
    async with asyncio.timeout(10):
        await wire.looked_at.wait()
    assert wire.done == [b"123456789", *end]


async def test_a_connection_whose_answer_nobody_takes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = asyncio.Event()

    class Watched(PunctualProtocol):
        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            lost.set()

    monkeypatch.setattr(Gathering, "takes_seconds", 0.1)
    monkeypatch.setattr(hosting, "PunctualProtocol", Watched)
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as client:
        async with serving(PlainTextResponse("a" * 2**23), listener, 1.0), asyncio.timeout(10):
            client.setblocking(False)
            await asyncio.get_running_loop().sock_connect(client, listener.getsockname())
            await asyncio.get_running_loop().sock_sendall(client, HEAD + b"connection: close\r\n\r\n")
            await lost.wait()
