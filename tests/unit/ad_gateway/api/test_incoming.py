"""A body is counted as it comes."""

import asyncio
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ad_gateway.api.incoming import IncomingBody


def body(*pieces: Any, limit: int = 10, idle_seconds: float = 5.0) -> IncomingBody:
    """Bytes that come one after the other; None never comes."""
    waiting = list(pieces)

    async def receive() -> Any:
        piece = waiting.pop(0)
        if piece is None:
            await asyncio.Event().wait()
        if isinstance(piece, dict):
            return piece
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    return IncomingBody(receive, limit, idle_seconds)


async def test_pieces_pass_up_to_the_limit() -> None:
    incoming = body(b"12345", b"", b"67890")
    assert [piece async for piece in incoming.pieces()] == [b"12345", b"67890"]
    assert incoming.complete


async def test_the_piece_that_goes_over_is_refused_and_nothing_further_is_read() -> None:
    incoming = body(b"12345", b"678901", None)
    with pytest.raises(HTTPException) as raised:
        await incoming.whole(5.0)
    assert raised.value.status_code == 413


@pytest.mark.parametrize(("said", "refused"), [("11", True), ("10", False), ("", False), ("-1", False)])
def test_a_length_over_the_limit_is_refused_before_anything_is_read(said: str, refused: bool) -> None:
    if refused:
        with pytest.raises(HTTPException):
            body(b"").check_length(said)
    else:
        body(b"").check_length(said)


async def test_a_body_that_stops_coming_is_given_up() -> None:
    incoming = body(b"1", None, idle_seconds=0.05)
    with pytest.raises(HTTPException) as raised:
        await incoming.whole(5.0)
    assert raised.value.status_code == 408
    assert not incoming.complete


async def test_a_body_that_dribbles_is_given_up_when_its_time_is_over() -> None:
    with pytest.raises(HTTPException) as raised:
        await body(b"1", None).whole(0.05)
    assert raised.value.status_code == 408


async def test_a_client_that_leaves_in_the_middle_is_no_end_of_a_body() -> None:
    with pytest.raises(ClientDisconnect):
        await body(b"1", {"type": "http.disconnect"}, b"").whole(5.0)
