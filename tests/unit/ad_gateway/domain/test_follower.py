"""A client's way through the ring: in order, nothing lost, nothing twice."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ad_gateway.domain import cursor
from ad_gateway.domain.follower import Behind, Follower
from tests.support.feeds import MemoryFeed


def shown(follower: Follower) -> list[str]:
    found = []
    while (step := follower.next()) is not None:
        assert not isinstance(step, Behind)
        found.append(step[0].body)
    return found


def bodies(feed: MemoryFeed, begin: int = 0) -> list[str]:
    return [feed.ring[number].body for number in range(begin, feed.ring.following)]


def test_all_who_keep_up_get_the_very_same_text() -> None:
    feed = MemoryFeed()
    one, other = Follower(feed.ring, feed.now), Follower(feed.ring, feed.now)
    feed.add(3)
    texts = [[follower.next()[1] for _ in range(3)] for follower in (one, other)]
    assert all(text is same for text, same in zip(*texts, strict=True))
    assert one.positions is other.positions is feed.ring.end


def test_a_cursor_within_the_ring_goes_on_out_of_it() -> None:
    feed = MemoryFeed()
    feed.add(6)
    assert shown(Follower(feed.ring, {0: 2, 1: 1})) == [feed.ring[number].body for number in (3, 4, 5)]


def test_a_cursor_of_other_partitions_than_the_first_of_the_ring_shares_its_texts_once_it_is_through() -> (
    None
):
    feed = MemoryFeed()
    feed.add(6)
    follower = Follower(feed.ring, {0: 3, 1: 0})
    shown(follower)
    feed.add(1)
    assert follower.next()[1] is feed.ring[6].text


def test_a_cursor_from_before_the_ring_is_sent_to_history_without_a_gap() -> None:
    feed = MemoryFeed(ring_size=2)
    feed.add(6)
    assert Follower(feed.ring, {0: 1}).next() == Behind(0, feed.ring.end)


def test_the_cursor_of_one_who_is_ahead_in_a_partition_does_not_go_back() -> None:
    feed = MemoryFeed()
    feed.add(6)
    follower = Follower(feed.ring, {0: 3, 1: 0})
    cursors = []
    while (step := follower.next()) is not None:
        cursors.append(cursor.decode(msgspec.json.decode(step[1])["cursor"]))
    assert cursors == [{0: 3, 1: 1}, {0: 3, 1: 2}, {0: 3, 1: 3}]


def test_one_who_was_too_slow_is_told_how_much_the_ring_has_lost() -> None:
    feed = MemoryFeed(ring_size=4)
    follower = Follower(feed.ring, feed.now)
    feed.add(1)
    shown(follower)
    feed.add(10)
    behind = follower.next()
    assert behind == Behind(6, feed.ring.end)
    assert follower.positions == {0: 1, 1: 0}
    follower.back(feed.ring.end)
    feed.add(1)
    assert follower.next()[1] is feed.ring[11].text


def test_a_cursor_that_names_unknown_partitions_changes_nothing_of_the_others() -> None:
    feed = MemoryFeed()
    feed.add(2)
    follower = Follower(feed.ring, {0: 1, 7: 99})
    assert shown(follower) == bodies(feed, 1)
    feed.add(2)
    assert shown(follower) == bodies(feed, 2)
    assert follower.positions == {0: 2, 1: 2, 7: 99}


STEPS = st.lists(st.tuples(st.sampled_from(["add", "show", "cut", "settle"]), st.integers(1, 6)), max_size=40)


@given(STEPS, st.integers(1, 5), st.booleans())
def test_whatever_happens_every_anomaly_is_shown_once_and_in_order(
    steps: list[tuple[str, int]], size: int, elsewhere: bool
) -> None:
    """`cut` resumes with the cursor of the last message, at the same ring or at that of a gateway just started."""
    feed = MemoryFeed(size)
    follower, seen = Follower(feed.ring, {}), list[int]()
    for step, count in [*steps, ("show", 1000)]:
        if step == "add":
            feed.add(count)
        elif step == "cut":
            if elsewhere:
                feed.ring = type(feed.ring)(size, feed.ring.end)
            follower = Follower(feed.ring, dict(follower.positions))
        elif step == "settle":
            feed.ring.settle({0: feed.ring.end[0]})
        else:
            take(feed, follower, count, seen)
    for partition in (0, 1):
        own = [number for number in seen if number % 2 == partition]
        assert own == list(range(partition, len(feed.stored), 2))


def take(feed: MemoryFeed, follower: Follower, count: int, seen: list[int]) -> None:
    """As a session does, without the sending."""
    for _ in range(count):
        step = follower.next()
        if step is None:
            return
        if not isinstance(step, Behind):
            seen.append(int(step[0].body.partition('"offset":')[2].partition(",")[0]))
            continue
        for partition, end in step.until.items():
            for found in feed.stored:
                new = follower.positions.get(partition, 0) < found.place.next_offset <= end
                if new and found.place.partition == partition:
                    follower.passed(found.place)
                    seen.append(found.anomaly.offset)
        follower.back(step.until)
