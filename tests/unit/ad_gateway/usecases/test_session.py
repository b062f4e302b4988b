"""One client: nothing is lost and nothing doubled, however slow it is, and a cursor never runs ahead."""

import asyncio
from dataclasses import replace

import pytest

from ad_chassis.eventlog.errors import Transient
from ad_chassis.security import Principal
from ad_gateway.domain import cursor
from ad_gateway.domain.cursor import Positions
from ad_gateway.domain.filters import AnomalyFilter
from ad_gateway.usecases.pace import Pace
from ad_gateway.usecases.session import MOST_ANSWERS, Admitted, Session, Supply
from tests.support.feeds import CountingMeter, MemoryFeed, MemoryOutlet, numbers, settled

WHO = Principal("tester", "default", frozenset({"anomalies:read"}), expires_at=1_700_000_000)


class Client:
    """A session over a feed in memory."""

    def __init__(self, feed: MemoryFeed, after: Positions | None = None, who: Principal = WHO) -> None:
        self.outlet, self.meter = MemoryOutlet(), CountingMeter()
        self.session = Session(self.outlet, Admitted(who, "token"), Supply(feed, self.meter, Pace()))
        self.session.choose(AnomalyFilter())
        self.session.open(feed, after)
        feed.join(self.session)

    @property
    def cursor(self) -> Positions:
        return cursor.decode(self.outlet.messages[-1]["cursor"])


async def test_the_first_message_says_where_the_feed_stands_and_when_the_token_ends() -> None:
    feed = MemoryFeed()
    feed.add(3)
    client = Client(feed)
    await settled()
    assert client.outlet.messages == [
        {"type": "ready", "cursor": cursor.encode({0: 2, 1: 1}), "token_expires_time": "2023-11-14T22:13:20Z"}
    ]


async def test_without_a_cursor_only_what_is_new_comes() -> None:
    feed = MemoryFeed()
    feed.add(5)
    client = Client(feed)
    feed.add(3)
    await settled()
    assert client.outlet.shown == [5, 6, 7]
    assert not client.meter.counts["resumed"]


async def test_with_a_cursor_in_the_ring_nothing_is_read_of_the_log() -> None:
    feed = MemoryFeed()
    feed.add(5)
    client = Client(feed, {0: 1, 1: 0})
    feed.add(2)
    await settled()
    assert client.outlet.shown == [1, 2, 3, 4, 5, 6]
    assert feed.read == []
    assert client.meter.counts["resumed"] == 1


async def test_with_an_older_cursor_history_comes_first_and_no_gap_is_told() -> None:
    feed = MemoryFeed(ring_size=3)
    feed.add(8)
    client = Client(feed, {0: 1, 1: 0})
    await settled()
    feed.add(2)
    await settled()
    assert client.outlet.shown == [2, 4, 6, 1, 3, 5, 7, 8, 9]
    assert "gap" not in client.outlet.kinds


async def test_a_slow_client_is_told_of_the_gap_and_then_shown_what_was_in_it() -> None:
    feed = MemoryFeed(ring_size=4)
    client = Client(feed)
    feed.add(2)
    await settled()
    client.outlet.free.clear()
    feed.add(1)
    await settled()
    feed.add(20)
    client.outlet.free.set()
    await settled()
    feed.add(2)
    await settled()
    gap = client.outlet.kinds.index("gap")
    assert client.outlet.messages[gap]["missed"] == 16
    assert cursor.decode(client.outlet.messages[gap]["cursor"]) == {0: 2, 1: 1}
    assert numbers(client.outlet.messages[:gap]) == [0, 1, 2]
    after = numbers(client.outlet.messages[gap:])
    assert [number for number in after if number % 2] == list(range(3, 25, 2))
    assert [number for number in after if not number % 2] == list(range(4, 25, 2))
    assert (client.outlet.kinds.count("gap"), client.meter.counts["gaps"]) == (1, 1)


async def test_a_client_may_be_too_slow_again_while_it_catches_up() -> None:
    feed = MemoryFeed(ring_size=2)
    client = Client(feed, {})
    for _ in range(30):
        feed.add(3)
        await asyncio.sleep(0)
    await settled()
    for partition in (0, 1):
        shown = [number for number in client.outlet.shown if number % 2 == partition]
        assert shown == list(range(partition, 90, 2))


async def test_every_cursor_goes_on_exactly_behind_its_message() -> None:
    feed = MemoryFeed(ring_size=3)
    client = Client(feed, {})
    for count in (1, 7, 2):
        feed.add(count)
        await settled()
    told = client.outlet.messages
    for place, message in enumerate(told):
        again = Client(feed, cursor.decode(message["cursor"]))
        await settled()
        assert sorted(again.outlet.shown) == sorted(numbers(told[place + 1 :]))


async def test_a_sign_of_life_never_tells_of_more_than_was_sent() -> None:
    feed = MemoryFeed()
    client = Client(feed)
    await settled()
    client.outlet.free.clear()
    feed.add(4)
    client.session.say("heartbeat")
    await settled()
    client.outlet.free.set()
    await settled()
    place = client.outlet.kinds.index("heartbeat")
    resumed = Client(feed, cursor.decode(client.outlet.messages[place]["cursor"]))
    await settled()
    assert resumed.outlet.shown == numbers(client.outlet.messages[place:])


async def test_what_is_filtered_away_needs_no_task_and_moves_the_cursor_on() -> None:
    feed = MemoryFeed()
    client = Client(feed)
    client.session.choose(AnomalyFilter.of(streams=["pumps"]))
    await settled()
    feed.add(4)
    assert client.session.waits
    feed.add(1, stream="pumps")
    assert not client.session.waits
    await settled()
    assert client.outlet.shown == [4]
    assert client.cursor == {0: 3, 1: 2}


async def test_history_is_filtered_too_and_answers_come_in_between() -> None:
    feed = MemoryFeed(ring_size=2)
    feed.add(6, severity="low")
    feed.add(6)
    client = Client(feed, {})
    client.session.choose(AnomalyFilter.of(severity="high"))
    client.session.say("filtered")
    await settled()
    assert sorted(client.outlet.shown) == [6, 7, 8, 9, 10, 11]
    assert client.outlet.kinds[:2] == ["ready", "filtered"]


async def test_an_answer_does_not_wait_for_the_end_of_history() -> None:
    feed = MemoryFeed(ring_size=2)
    feed.add(20)
    client = Client(feed, {})
    client.outlet.blocks_after = 5
    await settled()
    client.session.say("authenticated")
    client.outlet.free.set()
    await settled()
    assert 5 <= client.outlet.kinds.index("authenticated") < 10
    assert len(client.outlet.shown) == 20


async def test_rights_narrow_what_was_wished_for_also_when_they_change() -> None:
    feed = MemoryFeed()
    client = Client(feed, who=replace(WHO, streams=frozenset({"pumps"})))
    feed.add(1)
    client.session.choose(AnomalyFilter.of(streams=["sensors", "pumps"]))
    feed.add(1)
    feed.add(1, stream="pumps")
    await settled()
    assert client.outlet.shown == [2]
    client.session.admit_again(Admitted(WHO, "other"))
    feed.add(1)
    await settled()
    assert client.outlet.shown == [2, 3]


async def test_an_ended_client_gets_nothing_but_the_reason() -> None:
    feed = MemoryFeed()
    client = Client(feed)
    await settled()
    client.outlet.free.clear()
    feed.add(5)
    await settled()
    client.session.end(4401, "the token has ended")
    client.session.end(4403, "a second reason")
    client.outlet.free.set()
    feed.add(5)
    await settled()
    assert client.outlet.closed == (4401, "the token has ended")
    assert client.outlet.shown == []
    assert client.meter.counts["4401"] == 1


async def test_a_client_that_is_gone_is_served_no_more() -> None:
    feed = MemoryFeed()
    client = Client(feed)
    await settled()
    client.outlet.gone = True
    feed.add(3)
    await settled()
    assert client.session.waits
    feed.add(3)
    assert client.session.waits


async def test_a_client_that_leaves_while_it_is_shown_history_ends_the_reading() -> None:
    feed = MemoryFeed(ring_size=2)
    feed.add(10)
    client = Client(feed, {})
    client.outlet.free.clear()
    await settled()
    client.session.leave()
    await settled()
    assert client.session.waits
    assert len(feed.read) <= 1


async def test_a_log_that_cannot_be_read_closes_with_try_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise Transient("the broker does not answer")

    feed = MemoryFeed(ring_size=2)
    feed.add(10)
    monkeypatch.setattr(feed, "history", broken)
    client = Client(feed, {})
    await settled()
    assert client.outlet.closed is not None
    assert client.outlet.closed[0] == 1013


async def test_a_failure_that_nobody_thought_of_closes_the_client_and_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def broken(_: str) -> None:
        raise ZeroDivisionError

    feed = MemoryFeed()
    client = Client(feed)
    monkeypatch.setattr(client.outlet, "send", broken)
    await settled()
    assert client.outlet.closed is not None
    assert client.outlet.closed[0] == 1011


async def test_one_who_reads_no_answers_is_closed_before_they_pile_up() -> None:
    client = Client(MemoryFeed())
    client.outlet.free.clear()
    for _ in range(MOST_ANSWERS + 2):
        client.session.say("filtered")
    await settled()
    assert client.outlet.closed is not None
    assert client.outlet.closed[0] == 4429
