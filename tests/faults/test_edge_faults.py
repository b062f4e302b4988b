"""What users of the gateway see while auth's database, auth, or Redis is away, and when it is back."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.faults.edge import Edge, refused_for_now, running_edge, soon
from tests.faults.proxy import Mood
from tests.faults.servers import Breakable
from tests.support.matrix.attacks import decoded, encoded

pytestmark = pytest.mark.timeout(240)
AWAY: tuple[Mood, ...] = ("resetting", "hanging")
HANGING_SECONDS = 25.0
"""Less than a light route's time at the gateway."""
UNSEEN = "ad_test_0123456789abcdef_not-seen-before"
FAILURES = 12
"""More than the failed logins that lock an account."""


@pytest.fixture(scope="module")
async def edge(
    tmp_path_factory: pytest.TempPathFactory, broker: str, postgres: Breakable, redis: Breakable
) -> AsyncIterator[Edge]:
    async with running_edge(tmp_path_factory.mktemp("edge"), broker, postgres, redis) as edge:
        yield edge


async def test_without_its_database_auth_refuses_logins_for_now_and_all_who_were_seen_go_on(
    edge: Edge,
) -> None:
    assert await edge.streams(edge.key) == 200
    async with edge.feed(edge.key) as socket:
        edge.database.be("resetting")
        for answer in (
            await edge.log_in(),
            await edge.grant(grant_type="client_credentials", client_id="0" * 16, client_secret="x"),
            await edge.call("GET", "/users", edge.token),
            await edge.call("GET", "/streams", UNSEEN),
        ):
            assert refused_for_now(answer), answer.text
        for bearer in (edge.key, edge.token):
            assert (await edge.streams(bearer), await edge.send(bearer)) == (200, 202)
        assert await edge.told(socket)
        edge.database.be("good")
        await edge.well()
        assert await edge.told(socket)


async def test_tries_to_log_in_while_the_database_is_away_lock_nobody_out(edge: Edge) -> None:
    edge.database.be("resetting")
    during = [await edge.log_in() for _ in range(FAILURES)]
    edge.database.be("good")
    await edge.well()
    assert [refused_for_now(answer) for answer in during] == [True] * FAILURES


async def test_a_database_that_hangs_holds_up_logins_alone_and_those_not_for_ever(edge: Edge) -> None:
    assert await edge.streams(edge.key) == 200
    edge.database.be("hanging")
    begun = time.monotonic()
    waiting = asyncio.create_task(edge.log_in())
    for bearer in (edge.key, edge.token):
        assert (await edge.streams(bearer), await edge.send(bearer)) == (200, 202)
    refusal = await waiting
    seconds = time.monotonic() - begun
    edge.database.be("good")
    await edge.well()
    assert refused_for_now(refusal), refusal.text
    assert seconds < HANGING_SECONDS


async def test_a_key_that_was_seen_goes_on_until_its_token_ends_while_the_database_is_away(
    edge: Edge,
) -> None:
    """A token of a key ends with the key, and is got anew at half of its time."""
    ends_at = time.time() + 16
    key = await edge.new_key(expires_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends_at)))
    assert await edge.streams(key) == 200
    edge.database.be("resetting")
    good_until = 0.0
    while time.time() < ends_at + 10 and await edge.streams(key) == 200:
        good_until = time.time()
        await asyncio.sleep(0.2)
    answer = await edge.call("GET", "/streams", key)
    edge.database.be("good")
    await edge.well()
    assert refused_for_now(answer), answer.text
    assert ends_at - 3 < good_until < ends_at + 6


async def test_a_postgresql_that_is_stopped_is_told_by_every_service_and_comes_back(
    edge: Edge, postgres: Breakable
) -> None:
    await asyncio.to_thread(postgres.end, signal.SIGQUIT)
    answers = [await edge.log_in(), await edge.call("GET", "/streams", edge.token)]
    await asyncio.to_thread(postgres.start)
    await edge.well()
    assert [refused_for_now(answer) for answer in answers] == [True, True], [each.text for each in answers]


async def test_without_auth_running_clients_go_on_and_what_needs_it_is_refused_for_now(edge: Edge) -> None:
    revoked = (await edge.log_in()).json()["access_token"]
    assert (await edge.call("POST", "/auth/revoke", None, data={"token": revoked})).status_code == 204

    async def refused() -> bool:
        return await edge.streams(revoked) == 401

    await soon(refused, "a refusal of the revoked token")
    assert await edge.streams(edge.key) == 200
    async with edge.feed(edge.key) as socket:
        edge.system.kill("auth")
        for answer in (
            await edge.log_in(),
            await edge.grant(grant_type="refresh_token", refresh_token="x"),
            await edge.call("GET", "/users", edge.token),
            await edge.call("GET", "/streams", UNSEEN),
        ):
            assert refused_for_now(answer), answer.text
        for bearer in (edge.key, edge.token):
            assert (await edge.streams(bearer), await edge.send(bearer)) == (200, 202)
        assert await refused()
        await socket.send(json.dumps({"type": "authenticate", "token": UNSEEN}))
        assert await edge.heard(socket, "error")
        assert await edge.told(socket)
        assert await edge.refusal(UNSEEN) == 1013
        edge.system.launch("auth")
        await edge.system.ready()
        await edge.well()
        assert await refused()
        assert await edge.told(socket)


async def test_without_auth_a_token_ends_at_its_end_and_with_it_its_live_feed(edge: Edge) -> None:
    token = edge.ending_token(8)
    async with edge.feed(token) as socket:
        edge.system.kill("auth")
        assert await edge.streams(token) == 200
        async with asyncio.timeout(30):
            await socket.wait_closed()

    async def ended() -> bool:
        return await edge.streams(token) == 401

    await soon(ended, "a refusal of the token that has ended", HANGING_SECONDS)
    edge.system.launch("auth")
    await edge.system.ready()
    assert socket.close_code == 4401


async def test_without_auth_tokens_of_an_unknown_key_hold_up_nobody(edge: Edge) -> None:
    header, payload, signature = edge.token.split(".")
    unknown = [f"{_with_key(header, f'nobody-{number}')}.{payload}.{signature}" for number in range(20)]
    edge.system.kill("auth")
    flood = [asyncio.create_task(edge.call("GET", "/streams", token)) for token in unknown]
    good = [await edge.streams(edge.token) for _ in range(10)]
    async with asyncio.timeout(20):
        answers = await asyncio.gather(*flood)
    edge.system.launch("auth")
    await edge.system.ready()
    assert good == [200] * 10
    assert {answer.status_code for answer in answers} <= {401, 503}


async def test_a_gateway_and_a_service_that_start_while_auth_is_away_wait_for_it(edge: Edge) -> None:
    for name in ("auth", "gateway", "ingestion"):
        edge.system.kill(name)
    edge.system.launch("ingestion")
    edge.system.launch("gateway")
    away: list[httpx2.Response] = []

    async def answers() -> bool:
        try:
            away[:] = [await edge.call("GET", "/streams", bearer) for bearer in (edge.key, edge.token)]
        except httpx2.TransportError:
            return False
        return all("auth" in answer.json()["detail"] for answer in away)

    await soon(answers, "a gateway that answers for auth")
    edge.system.launch("auth")
    await edge.system.ready()
    await edge.well()
    assert [refused_for_now(answer) for answer in away] == [True, True], [each.text for each in away]


@pytest.mark.parametrize("mood", AWAY)
async def test_without_redis_no_password_is_good_and_everything_else_goes_on(edge: Edge, mood: Mood) -> None:
    assert await edge.streams(edge.key) == 200
    async with edge.feed(edge.token) as socket:
        edge.cache.be(mood)
        begun = time.monotonic()
        refusals = [await edge.log_in(), await edge.log_in("a wrong password")]
        refusals.append(await edge.call("POST", "/ws/tickets", edge.token))
        assert time.monotonic() - begun < HANGING_SECONDS
        for bearer in (edge.key, edge.token):
            assert (await edge.streams(bearer), await edge.send(bearer)) == (200, 202)
        made = await edge.call("GET", "/auth/me", await edge.new_key())
        assert await edge.told(socket)
        edge.cache.be("good")
        await edge.well()
    assert [refused_for_now(answer) for answer in refusals] == [True] * 3, [each.text for each in refusals]
    assert made.status_code == 200


def _with_key(header: str, key_id: str) -> str:
    return encoded(json.dumps(decoded(header) | {"kid": key_id}).encode())
