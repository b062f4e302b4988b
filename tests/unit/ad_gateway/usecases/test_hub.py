"""All clients of a gateway: limits, signs of life, ends of tokens, revocation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from ad_chassis.errors import TooManyRequests, Unauthenticated, Unavailable
from ad_chassis.eventlog.errors import Transient
from ad_chassis.security import Principal
from ad_gateway.domain.filters import AnomalyFilter
from ad_gateway.usecases.hub import AT_ONCE, Hub, Limits
from ad_gateway.usecases.pace import Pace
from ad_gateway.usecases.session import Admitted, Supply
from tests.support.feeds import CountingMeter, MemoryFeed, MemoryOutlet, settled

WHO = Principal("tester", "default", frozenset({"anomalies:read"}), expires_at=1000)


class Platform:
    """Tokens are their owners' names; the clock is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[str] = []
        self.answers: dict[str, Principal | Exception] = {}
        self.meter = CountingMeter()
        self.feed = MemoryFeed()
        limits = Limits(clients=3, clients_per_tenant=2, heartbeat_seconds=1.0)
        self.hub = Hub(Supply(self.feed, self.meter, Pace()), self.verify, limits, lambda: self.now)
        self._open = AsyncExitStack()

    async def verify(self, token: str) -> Principal:
        self.asked.append(token)
        answer = self.answers.get(token, WHO)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def connect(self, token: str = "token", principal: Principal = WHO) -> MemoryOutlet:
        outlet = MemoryOutlet()
        admitted = Admitted(principal, token)
        await self._open.enter_async_context(self.hub.following(outlet, admitted, AnomalyFilter(), None))
        await settled()
        return outlet

    async def close(self) -> None:
        await self._open.aclose()


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    platform = Platform()
    yield platform
    await platform.close()


async def test_a_tenant_has_a_limit_of_its_own_and_all_together_one(platform: Platform) -> None:
    hub = platform.hub
    async with hub.place("acme"), hub.place("acme"):
        with pytest.raises(TooManyRequests, match="2 clients of this tenant"):
            async with hub.place("acme"):
                pass
        async with hub.place("default"):
            with pytest.raises(TooManyRequests, match="3 clients follow here"):
                async with hub.place("other"):
                    pass
        async with hub.place("other"):
            assert platform.meter.counts["clients"] == 3
    assert platform.meter.counts["clients"] == 0


async def test_each_client_gets_one_heartbeat_a_round_unless_something_is_on_its_way(
    platform: Platform,
) -> None:
    clients = [await platform.connect() for _ in range(3)]
    clients[0].free.clear()
    platform.feed.add(1)
    await settled()
    for slot in (0, 1):
        platform.hub.tick(slot)
    clients[0].free.set()
    await settled()
    assert [client.kinds.count("heartbeat") for client in clients] == [0, 1, 1]


async def test_a_client_is_closed_when_its_token_ends_and_not_before(platform: Platform) -> None:
    client, longer = await platform.connect(), await platform.connect(principal=replace(WHO, expires_at=2000))
    platform.now = 999.9
    platform.hub.tick(0)
    await settled()
    assert client.closed is None
    platform.now = 1000
    platform.hub.tick(0)
    await settled()
    assert client.closed is not None
    assert client.closed[0] == 4401
    assert longer.closed is None


async def test_every_token_is_looked_at_once_and_a_revoked_one_ends_all_its_clients(
    platform: Platform,
) -> None:
    revoked = [await platform.connect("revoked") for _ in range(2)]
    good = await platform.connect("good")
    platform.answers["revoked"] = Unauthenticated("the token was revoked")
    await platform.hub.verify_all()
    await settled()
    assert sorted(platform.asked) == ["good", "revoked"]
    assert [client.closed for client in revoked] == [(4401, "the token was revoked")] * 2
    assert good.closed is None


async def test_one_who_came_with_a_new_token_meanwhile_is_not_judged_by_the_old_one(
    platform: Platform,
) -> None:
    client = await platform.connect("old")
    (session,) = platform.hub.sessions

    async def verify(_: str) -> Principal:
        session.admit_again(Admitted(WHO, "new"))
        raise Unauthenticated("the token was revoked")

    platform.hub._verify = verify
    await platform.hub.verify_all()
    await settled()
    assert client.closed is None


async def test_more_tokens_than_are_looked_at_at_once_are_all_looked_at(platform: Platform) -> None:
    for number in range(2 * AT_ONCE + 1):
        await platform.connect(str(number))
    await platform.hub.verify_all()
    assert len(platform.asked) == 2 * AT_ONCE + 1


async def test_a_permission_that_is_taken_away_ends_the_feed(platform: Platform) -> None:
    client = await platform.connect()
    platform.answers["token"] = replace(WHO, permissions=frozenset({"write"}))
    await platform.hub.verify_all()
    await settled()
    assert client.closed is not None
    assert client.closed[0] == 4403


async def test_who_is_connected_goes_on_while_tokens_cannot_be_looked_at(platform: Platform) -> None:
    client = await platform.connect()
    platform.answers["token"] = ConnectionError("the cache does not answer")
    await platform.hub.verify_all()
    await settled()
    assert client.closed is None


async def test_a_service_stays_in_the_tenant_that_it_came_for(platform: Platform) -> None:
    await platform.connect(principal=replace(WHO, tenant="acme"))
    platform.answers["token"] = replace(WHO, expires_at=5000)
    await platform.hub.verify_all()
    (session,) = platform.hub.sessions
    assert (session.tenant, session.admitted.principal.expires_at) == ("acme", 5000)


async def test_a_gateway_that_stops_sends_its_clients_elsewhere_and_takes_no_more(platform: Platform) -> None:
    client = await platform.connect()
    platform.hub.drain()
    await settled()
    assert client.closed is not None
    assert client.closed[0] == 1012
    with pytest.raises(TooManyRequests):
        async with platform.hub.place("default"):
            pass


async def test_a_log_that_does_not_answer_is_an_unavailable_feed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: str) -> None:
        raise Transient("no broker")

    monkeypatch.setattr(platform.feed, "tail", broken)
    with pytest.raises(Unavailable, match="no broker"):
        await platform.connect()


async def test_its_tasks_look_at_clocks_and_tokens_until_it_stops(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ad_gateway.usecases.hub.VERIFY_SECONDS", 0.01)
    client = await platform.connect()
    platform.answers["token"] = Unauthenticated("the token was revoked")
    await platform.hub.start()
    async with asyncio.timeout(10):
        while client.closed is None:
            await asyncio.sleep(0.01)
    await platform.hub.stop()
    assert client.closed[0] == 4401
