"""Calls inside the process."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from ad_chassis.http.in_process import MOST_PIECES, InProcessTransport

PIECES = 100


class Shop:
    """Counts the pieces that it had to make."""

    def __init__(self) -> None:
        self.made = 0
        self.ended = asyncio.Event()
        routes = [
            Route("/lake", self.lake),
            Route("/echo", self.echo, methods=["POST"]),
            Route("/broken", self.broken),
            Route("/half", self.half),
            Route("/slow", self.slow),
            Route("/who", self.who),
        ]
        self.http = httpx2.AsyncClient(
            transport=InProcessTransport(Starlette(routes=routes)), base_url="http://shop"
        )

    async def lake(self, request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                for _ in range(PIECES):
                    self.made += 1
                    yield b"x" * 1000
            finally:
                self.ended.set()

        return StreamingResponse(pieces(), headers={"x-kind": "lake"})

    async def echo(self, request: Request) -> Response:
        body = await request.body()
        return JSONResponse(
            {"body": body.decode(), "query": request.query_params["a"], "path": request.url.path}
        )

    async def broken(self, request: Request) -> Response:
        raise ValueError("not today")

    async def half(self, request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"first"
            raise ValueError("no more")

        return StreamingResponse(pieces())

    async def who(self, request: Request) -> Response:
        return JSONResponse(request.client.host if request.client else None)

    async def slow(self, request: Request) -> Response:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()
        return Response()


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    yield shop
    await shop.http.aclose()


async def test_a_large_answer_is_made_as_it_is_read(shop: Shop) -> None:
    async with shop.http.stream("GET", "/lake") as answer:
        assert (answer.status_code, answer.headers["x-kind"]) == (200, "lake")
        body = answer.aiter_raw()
        await anext(body)
        for _ in range(50):
            await asyncio.sleep(0)
        assert shop.made <= MOST_PIECES + 3
        assert sum([len(piece) async for piece in body]) == (PIECES - 1) * 1000
    assert shop.made == PIECES


async def test_who_reads_no_further_ends_the_call(shop: Shop) -> None:
    async with shop.http.stream("GET", "/lake") as answer:
        await anext(answer.aiter_raw())
    assert shop.made < PIECES
    assert not any(task.get_name() == "GET /lake" for task in asyncio.all_tasks())


async def test_who_gives_up_before_the_answer_begins_ends_the_call(shop: Shop) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await shop.http.get("/slow")
    assert shop.ended.is_set()


async def test_a_request_arrives_whole_also_in_pieces(shop: Shop) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    for content in (b"one two", pieces()):
        answer = await shop.http.post("/echo", params={"a": "\u00e4 b"}, content=content)
        assert answer.json() == {"body": "one two", "query": "\u00e4 b", "path": "/echo"}


async def test_what_the_application_did_not_expect_is_a_500(shop: Shop) -> None:
    assert (await shop.http.get("/broken")).status_code == 500


async def test_an_answer_that_breaks_off_is_no_whole_answer(shop: Shop) -> None:
    with pytest.raises(httpx2.RemoteProtocolError, match="broke off"):
        await shop.http.get("/half")


async def test_whoever_calls_says_for_whom(shop: Shop) -> None:
    assert (await shop.http.get("/who")).json() == "127.0.0.1"
    asked = await shop.http.get("/who", headers={"X-Forwarded-For": "203.0.113.9"})
    assert asked.json() == "203.0.113.9"


async def test_a_head_request_has_no_body(shop: Shop) -> None:
    answer = await shop.http.head("/lake")
    assert (answer.status_code, answer.content) == (200, b"")
