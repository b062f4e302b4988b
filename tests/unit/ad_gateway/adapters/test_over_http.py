"""A request goes to a service over HTTP as it came, and its answer comes back as it is."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ad_chassis.errors import Unavailable
from ad_chassis.settings import TelemetrySettings
from ad_chassis.telemetry import Telemetry
from ad_gateway.adapters.over_http import OverHttp
from ad_gateway.ports import Forward

CALL = Forward("ingestion", "GET", "/api/v1/streams", {}, None, None, 5.0, False)
GOOD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Service:
    """Keeps what arrives, and answers each request of a connection with the same bytes."""

    def __init__(self, answer: bytes, *, hang_up: bool) -> None:
        self.connections = 0
        self.url = ""
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.left = asyncio.Event()
        self._answer = answer
        self._hang_up = hang_up

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await self._take(reader)
                writer.write(self._answer)
                await writer.drain()
                if self._hang_up:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = b""
        if b"chunked" in head.lower():
            while size := int(await reader.readuntil(b"\r\n"), 16):
                body += await reader.readexactly(size)
                await reader.readexactly(2)
            await reader.readexactly(2)
        elif b"content-length: " in head.lower():
            body = await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        self.heads.append(head)
        self.bodies.append(body)

    @property
    def line(self) -> bytes:
        return self.heads[-1].partition(b"\r\n")[0]


@asynccontextmanager
async def serving(answer: bytes = GOOD, *, hang_up: bool = False) -> AsyncIterator[tuple[Service, OverHttp]]:
    service = Service(answer, hang_up=hang_up)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    upstream = OverHttp(Telemetry("gateway", "1", TelemetrySettings(otlp_endpoint=None)))
    await upstream.start()
    try:
        async with asyncio.timeout(10):
            yield service, upstream
    finally:
        await upstream.stop()
        server.close()


async def asked(
    service: Service, upstream: OverHttp, **changes: Any
) -> tuple[int, dict[bytes, bytes], bytes]:
    """The whole answer."""
    answer = await upstream.open(CALL._replace(**changes), service.url)
    try:
        body = b"".join([piece async for piece in answer.pieces()])
        return answer.status, dict(answer.headers), body
    finally:
        await answer.close()


async def test_the_path_and_the_query_arrive_as_they_were_encoded() -> None:
    target = "/api/v1/streams/a%2Fb%20c/records?x=1&x=%26&y=%e2%82%ac&z=a+b"
    async with serving() as (service, upstream):
        await asked(service, upstream, target=target)
        assert service.line == f"GET {target} HTTP/1.1".encode()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (GOOD, b"ok"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", b"ok"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nall of it", b"all of it"),
    ],
)
async def test_an_answer_that_comes_in_one_piece_is_at_hand(answer: bytes, body: bytes) -> None:
    async with serving(answer) as (service, upstream):
        found = await upstream.open(CALL, service.url)
        assert found.at_hand() == body
        await found.close()


@pytest.mark.parametrize("hang_up", [False, True])
async def test_half_of_an_answer_is_not_taken_for_all_of_it(hang_up: bool) -> None:
    half = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"
    async with serving(half, hang_up=hang_up) as (service, upstream):
        found = await upstream.open(CALL, service.url)
        await asyncio.sleep(0.05)
        assert found.at_hand() is None
        if hang_up:
            with pytest.raises(Unavailable, match="broke off its answer"):
                _ = [piece async for piece in found.pieces()]
        await found.close()


async def pieces() -> AsyncIterator[bytes]:
    yield b"one,"
    yield b"two"


@pytest.mark.parametrize("body", [lambda: b"one,two", pieces])
async def test_a_body_arrives_whole_or_in_pieces(body: Callable[[], bytes | AsyncIterator[bytes]]) -> None:
    async with serving() as (service, upstream):
        await asked(service, upstream, method="POST", body=body())
        assert service.bodies == [b"one,two"]


async def test_the_headers_and_the_token_arrive_and_none_is_made_up() -> None:
    async with serving() as (service, upstream):
        await asked(service, upstream, headers={"x-part": "1", "accept": "text/csv"}, token="abc")
        sent = {line.partition(b":")[0].lower() for line in service.heads[0].split(b"\r\n")[1:] if line}
        assert sent == {b"host", b"x-part", b"accept", b"authorization"}
        assert b"Authorization: Bearer abc\r\n" in service.heads[0]


async def test_the_answer_comes_back_without_what_speaks_of_the_connection() -> None:
    told = b"HTTP/1.1 206 Partial Content\r\nX-Part: 1\r\nServer: x\r\nConnection: keep-alive\r\n"
    async with serving(told + b"Content-Length: 2\r\n\r\nab") as (service, upstream):
        found = await asked(service, upstream)
        assert found == (206, {b"x-part": b"1", b"content-length": b"2"}, b"ab")


async def test_a_connection_is_kept_for_the_next_request() -> None:
    async with serving() as (service, upstream):
        for method, body in (("GET", None), ("POST", b""), ("POST", pieces()), ("DELETE", None)):
            assert await asked(service, upstream, method=method, body=body) == (
                200,
                {b"content-length": b"2"},
                b"ok",
            )
        assert (service.connections, len(service.heads)) == (1, 4)
        assert b"content-length: 0\r\n" in service.heads[1].lower()


async def test_the_answer_to_head_ends_with_its_headers() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n") as (service, upstream):
        for _ in range(2):
            found = await asked(service, upstream, method="HEAD")
            assert found == (200, {b"content-length": b"2"}, b"")
        assert service.connections == 1


async def test_a_hint_before_the_answer_is_not_the_answer() -> None:
    async with serving(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + GOOD) as (service, upstream):
        assert (await asked(service, upstream))[0] == 200


async def test_a_path_of_the_address_comes_before_that_of_the_request() -> None:
    async with serving() as (service, upstream):
        service.url += "/behind/"
        await asked(service, upstream)
        assert service.line == b"GET /behind/api/v1/streams HTTP/1.1"


@pytest.mark.parametrize(
    ("method", "times"), [("GET", 2), ("HEAD", 2), ("PUT", 1), ("DELETE", 1), ("POST", 1), ("PATCH", 1)]
)
async def test_what_only_reads_is_asked_once_more_when_the_connection_breaks(method: str, times: int) -> None:
    async with serving(b"", hang_up=True) as (service, upstream):
        with pytest.raises(Unavailable, match="the connection to ingestion broke"):
            await asked(service, upstream, method=method, body=b"{}")
        assert service.connections == len(service.heads) == times


@pytest.mark.parametrize("value", ["a\r\nx-tenant: other", "a\nb", "a\rb"])
async def test_a_header_that_ends_its_line_is_not_sent(value: str) -> None:
    async with serving() as (service, upstream):
        with pytest.raises(ValueError, match="end of a line"):
            await asked(service, upstream, headers={"x-part": value})
        assert service.heads == []


async def test_an_answer_that_is_none_is_told_of() -> None:
    async with serving(b"SSH-2.0-OpenSSH\r\n\r\n") as (service, upstream):
        with pytest.raises(Unavailable, match="the connection to ingestion broke"):
            await asked(service, upstream)


async def test_what_is_compressed_is_passed_on_as_it_is() -> None:
    packed = gzip.compress(b"a" * 100)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(packed)}\r\n\r\n".encode()
    async with serving(head + packed) as (service, upstream):
        _, headers, body = await asked(service, upstream)
        assert (headers[b"content-encoding"], body) == (b"gzip", packed)


async def test_a_redirect_is_an_answer_like_others() -> None:
    told = b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
    async with serving(told) as (service, upstream):
        status, headers, _ = await asked(service, upstream)
        assert (status, headers[b"location"], len(service.heads)) == (307, b"/elsewhere", 1)


async def test_a_service_that_is_not_there_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with serving() as (service, upstream):
        service.url = f"http://127.0.0.1:{port}"
        with pytest.raises(Unavailable, match=r"ingestion cannot be reached at 127\.0\.0\.1"):
            await asked(service, upstream)


@pytest.mark.parametrize(
    ("begun", "said"),
    [
        (b"", "the connection to ingestion broke"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", "ingestion broke off its answer"),
    ],
    ids=["before", "within"],
)
async def test_an_answer_that_breaks_off_is_told_of(begun: bytes, said: str) -> None:
    async with serving(begun, hang_up=True) as (service, upstream):
        with pytest.raises(Unavailable, match=said):
            await asked(service, upstream)


async def test_closing_ends_an_answer_that_nobody_reads() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf") as (service, upstream):
        answer = await upstream.open(CALL, service.url)
        await answer.close()
        await service.left.wait()
        assert service.left.is_set()


async def test_who_was_not_started_says_so() -> None:
    upstream = OverHttp(Telemetry("gateway", "1", TelemetrySettings(otlp_endpoint=None)))
    with pytest.raises(Unavailable, match="not started"):
        await upstream.open(CALL, "http://127.0.0.1:1")
