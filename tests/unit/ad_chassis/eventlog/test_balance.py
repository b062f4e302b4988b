"""How the partitions of a group are shared."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ad_chassis.eventlog.balance import balance
from ad_chassis.eventlog.port import TopicPartition

PARTITIONS = [TopicPartition("t", number) for number in range(6)]
NAMES = st.sampled_from("abcd")


def test_a_lone_member_gets_everything() -> None:
    assert balance({"a": ["t"]}, PARTITIONS, {}) == dict.fromkeys(PARTITIONS, "a")


def test_nobody_gets_a_topic_it_does_not_subscribe() -> None:
    assert balance({"a": ["u"]}, PARTITIONS, {}) == {}


def test_a_newcomer_takes_only_its_share() -> None:
    before = dict.fromkeys(PARTITIONS, "a")
    after = balance({"a": ["t"], "b": ["t"]}, PARTITIONS, before)
    assert Counter(after.values()) == {"a": 3, "b": 3}


@given(st.sets(NAMES, min_size=1), st.dictionaries(st.sampled_from(PARTITIONS), NAMES))
def test_shares_are_even_and_what_need_not_move_stays(
    members: set[str], owners: dict[TopicPartition, str]
) -> None:
    subscriptions = {name: ["t"] for name in members}
    after = balance(subscriptions, PARTITIONS, owners)
    sizes = Counter(dict.fromkeys(members, 0) | Counter(after.values()))
    assert set(after) == set(PARTITIONS)
    assert max(sizes.values()) - min(sizes.values()) <= 1
    assert balance(subscriptions, PARTITIONS, after) == after
