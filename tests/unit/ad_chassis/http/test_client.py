"""The client repeats what may be repeated, and turns problems back into errors."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import stamina
from fastapi import FastAPI, Request, Response

from ad_chassis.errors import (
    BadGateway,
    Conflict,
    FieldError,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Unprocessable,
)
from ad_chassis.health import Health
from ad_chassis.http import ServiceClient, create_app
from ad_chassis.http.client import Target
from ad_chassis.http.context import serving
from ad_chassis.http.problems import problem_response
from ad_chassis.metrics import Metrics
from ad_chassis.security import StaticTokenSource

NOBODY = Target(base_url="http://127.0.0.1:9")


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)


class Peer:
    """A service that answers as it is told and remembers what it was sent."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.bodies: list[bytes] = []
        self.app = create_app("peer", "1", metrics=Metrics("peer"), health=Health("1"))
        self.app.add_api_route("/x", self.answer, methods=["GET", "POST", "PUT", "DELETE"])

    async def answer(self, request: Request) -> Response:
        self.requests.append(request)
        self.bodies.append(await request.body())
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def client_of(peer: Peer | FastAPI, **options: Any) -> ServiceClient:
    app = peer.app if isinstance(peer, Peer) else peer
    return ServiceClient("peer", lambda: Target(app=app), **options)


def failing(status: int) -> Response:
    return problem_response(status, f"failed with {status}", "/x")


async def test_a_busy_service_is_asked_again_whatever_the_method() -> None:
    peer = Peer(failing(503), failing(503), Response(b"done"))
    response = await client_of(peer).post("/x", json={"a": 1})
    assert response.content == b"done"
    assert peer.bodies == [b'{"a":1}'] * 3


async def test_a_service_that_stays_busy_is_given_up_on() -> None:
    peer = Peer(failing(503))
    with pytest.raises(Unavailable, match="peer: failed with 503"):
        await client_of(peer).get("/x")
    assert len(peer.requests) == 3


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (409, Conflict), (429, TooManyRequests), (500, BadGateway)]
)
async def test_a_problem_is_raised_as_its_error_and_not_repeated(status: int, error: type[Exception]) -> None:
    peer = Peer(failing(status))
    with pytest.raises(error, match=f"failed with {status}"):
        await client_of(peer).get("/x")
    assert len(peer.requests) == 1


async def test_the_fields_of_a_problem_survive_the_way() -> None:
    fields: list[FieldError] = [{"field": "a", "message": "wrong"}]
    peer = Peer(problem_response(422, "wrong", "/x", errors=fields))
    with pytest.raises(Unprocessable) as caught:
        await client_of(peer).post("/x")
    assert list(caught.value.errors) == fields


async def test_a_refused_token_is_renewed_once_and_then_our_own_fault() -> None:
    peer = Peer(failing(401))
    with pytest.raises(BadGateway, match="refused the token of this service"):
        await client_of(peer, tokens=StaticTokenSource("old")).get("/x")
    assert [request.headers.get("authorization") for request in peer.requests] == ["Bearer old", None]


async def test_a_token_of_the_caller_that_is_refused_is_the_callers_fault() -> None:
    with pytest.raises(Unauthenticated):
        await client_of(Peer(failing(401)), tokens=StaticTokenSource("mine")).get("/x", token="theirs")


async def test_a_cookie_that_one_caller_was_given_is_not_sent_for_the_next() -> None:
    peer = Peer(Response(b"ok", headers={"set-cookie": "ad_csrf=of-the-first; Path=/"}))
    client = client_of(peer)
    answer = await client.get("/x")
    await client.get("/x")
    await client.get("/x", headers={"cookie": "ad_csrf=own"})
    assert answer.headers["set-cookie"].startswith("ad_csrf=of-the-first")
    assert [request.headers.get("cookie") for request in peer.requests] == [None, None, "ad_csrf=own"]


async def test_ids_and_tenant_are_sent_along() -> None:
    peer = Peer(Response(b"ok"))
    with serving("r-7"):
        await client_of(peer, tokens=StaticTokenSource("t")).get("/x", tenant="acme")
    sent = peer.requests[0].headers
    assert sent["x-request-id"] == "r-7"
    assert sent["authorization"] == "Bearer t"
    assert sent["x-tenant"] == "acme"


async def test_a_service_that_is_not_there_is_asked_again_and_then_unavailable() -> None:
    client = ServiceClient("peer", lambda: NOBODY)
    with pytest.raises(Unavailable, match=r"peer cannot be reached at 127\.0\.0\.1"):
        await client.post("/x", json={})
    with pytest.raises(Unavailable):
        await client.check()
    await client.close()


async def test_an_answer_that_takes_too_long_is_repeated_only_where_that_does_no_harm() -> None:
    calls = 0

    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.read()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = ServiceClient("peer", lambda: Target(base_url=f"http://127.0.0.1:{port}"), timeout_seconds=0.1)
    async with server:
        with pytest.raises(Unavailable, match=r"did not answer within 0\.1 s"):
            await client.post("/x", json={})
        assert calls == 1
        with pytest.raises(Unavailable):
            await client.get("/x")
        assert calls == 4
        with pytest.raises(Unavailable):
            await client.post("/x", json={}, headers={"Idempotency-Key": "k"})
        assert calls == 7
        await client.close()


async def test_a_body_that_streams_is_sent_once() -> None:
    peer = Peer(failing(503))

    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    with pytest.raises(Unavailable):
        await client_of(peer).put("/x", content=parts())
    assert peer.bodies == [b"onetwo"]


async def test_an_answer_can_be_read_as_it_comes() -> None:
    peer = Peer(Response(b"x" * 100_000))
    async with client_of(peer).stream("GET", "/x") as response:
        size = sum([len(part) async for part in response.aiter_bytes()])
    assert size == 100_000


async def test_a_streamed_problem_is_raised_or_passed_through_as_asked() -> None:
    client = client_of(Peer(failing(404)))
    with pytest.raises(NotFound):
        async with client.stream("GET", "/x"):
            pytest.fail("the block must not run")
    async with client.stream("GET", "/x", check=False) as response:
        assert response.status_code == 404


async def test_check_passes_while_the_service_lives_and_fails_otherwise() -> None:
    await client_of(Peer(Response())).check()
    with pytest.raises(NotFound):
        await client_of(FastAPI()).check()
