"""What a service does within its answer counts as well as what it does before it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from functools import partial

import pytest
from prometheus_client import CollectorRegistry

from ad_chassis.errors import TimedOut, Unavailable
from ad_gateway.adapters import forwarding
from ad_gateway.adapters.edge_metrics import EdgeMetrics
from ad_gateway.adapters.forwarding import ServiceForwarder
from ad_gateway.domain.breaker import FAILURES, Breaker
from ad_gateway.domain.capacity import Capacity
from ad_gateway.ports import Forward, Forwarded

LIGHT = Forward("detection", "GET", "/api/v1/anomalies", {}, None, None, 0.1, False)
HEAVY = LIGHT._replace(slow=True)
BROKEN = Unavailable("detection broke off its answer")
SILENCE = None
Piece = bytes | Unavailable | None


class Answer:
    """Its pieces come at once, but for an error, and for silence without end."""

    def __init__(self, pieces: tuple[Piece, ...], whole: bytes | None) -> None:
        self.status = 200
        self.headers: list[tuple[bytes, bytes]] = []
        self.closed = False
        self._pieces = pieces
        self._whole = whole

    def at_hand(self) -> bytes | None:
        return self._whole

    async def pieces(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, Unavailable):
                raise piece
            if piece is SILENCE:
                await asyncio.Event().wait()
            else:
                yield piece

    async def close(self) -> None:
        self.closed = True


class Service:
    """Answers every call in the same way."""

    def __init__(self) -> None:
        self.pieces: tuple[Piece, ...] = ()
        self.whole: bytes | None = None
        self.answers: list[Answer] = []

    async def open(self, _call: Forward) -> Answer:
        self.answers.append(Answer(self.pieces, self.whole))
        return self.answers[-1]


class Way:
    """A forwarder, and what stands behind it."""

    def __init__(self) -> None:
        self.service = Service()
        self._forwarder = ServiceForwarder(
            self.service, {"detection": Capacity()}, EdgeMetrics(CollectorRegistry())
        )

    async def open(self, *pieces: Piece, call: Forward = LIGHT) -> Forwarded:
        self.service.pieces = pieces
        return await self._forwarder.forward(call)

    async def ask(self, *pieces: Piece, call: Forward = LIGHT, client_seconds: float = 0.0) -> bytes:
        answer, taken = await self.open(*pieces, call=call), b""
        try:
            async for piece in answer.pieces():
                taken += piece
                await asyncio.sleep(client_seconds)
            return taken
        finally:
            await answer.close()

    async def fail(self, *pieces: Piece, call: Forward = LIGHT, times: int = FAILURES) -> None:
        for _ in range(times):
            with pytest.raises((TimedOut, Unavailable)):
                await self.ask(*pieces, call=call)


@pytest.fixture
def way() -> Way:
    return Way()


@pytest.mark.parametrize("call", [LIGHT, HEAVY], ids=["light", "heavy"])
async def test_a_service_that_falls_silent_in_its_answer_is_given_up(way: Way, call: Forward) -> None:
    with pytest.raises(TimedOut, match=r"detection sent nothing for 0\.1 s in the middle of its answer"):
        await way.ask(b"half", SILENCE, call=call)
    assert way.service.answers[0].closed


@pytest.mark.parametrize("whole", [b"all of it", b""])
async def test_an_answer_that_came_with_its_head_is_not_waited_for(way: Way, whole: bytes) -> None:
    await way.fail(BROKEN, times=FAILURES - 1)
    way.service.whole = whole
    assert await way.ask(SILENCE) == whole
    # It counted as a good one.
    way.service.whole = None
    await way.fail(BROKEN, times=FAILURES - 1)
    assert await way.ask(b"still asked") == b"still asked"


async def test_a_client_may_take_longer_than_its_service(way: Way) -> None:
    assert await way.ask(b"one,", b"two", client_seconds=0.2) == b"one,two"


@pytest.mark.parametrize(
    ("call", "end"),
    [(LIGHT, SILENCE), (LIGHT, BROKEN), (HEAVY, BROKEN)],
    ids=["silent", "broken off", "heavy and broken off"],
)
async def test_answers_that_do_not_come_to_their_end_open_the_circuit(
    way: Way, call: Forward, end: Piece
) -> None:
    await way.fail(b"half", end, call=call)
    with pytest.raises(Unavailable, match="left alone"):
        await way.ask(b"whole")


async def test_an_answer_that_came_to_its_end_starts_the_count_anew(way: Way) -> None:
    await way.fail(BROKEN, times=FAILURES - 1)
    assert await way.ask(b"whole") == b"whole"
    await way.fail(BROKEN, times=FAILURES - 1)
    assert await way.ask(b"whole") == b"whole"


async def test_the_silence_of_heavy_answers_does_not_close_the_way_for_all(way: Way) -> None:
    await way.fail(b"half", SILENCE, call=HEAVY)
    assert await way.ask(b"whole") == b"whole"


@pytest.mark.parametrize(("call", "others"), [(LIGHT, False), (HEAVY, True)], ids=["light", "heavy"])
async def test_the_head_of_a_heavy_trial_and_the_end_of_a_light_one_let_others_in(
    monkeypatch: pytest.MonkeyPatch, call: Forward, others: bool
) -> None:
    monkeypatch.setattr(forwarding, "Breaker", partial(Breaker, rest_seconds=0.0))
    way = Way()
    await way.fail(BROKEN)
    trial = await way.open(b"half", SILENCE, call=call)
    with nullcontext() if others else pytest.raises(Unavailable, match="left alone"):
        assert await way.ask(b"whole") == b"whole"
    await trial.close()
    assert await way.ask(b"whole") == b"whole"


async def test_a_client_that_leaves_is_no_failure_of_the_service(way: Way) -> None:
    await way.fail(BROKEN, times=FAILURES - 1)
    answer = await way.open(b"half", SILENCE)
    assert await anext(answer.pieces()) == b"half"
    await answer.close()
    await way.fail(BROKEN, times=FAILURES - 1)
    assert await way.ask(b"whole") == b"whole"
