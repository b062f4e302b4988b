"""A client has a limited time for the head of a request, counted from its first byte."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ad_chassis.hosting import serving
from ad_chassis.http.protocol import PunctualProtocol

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
