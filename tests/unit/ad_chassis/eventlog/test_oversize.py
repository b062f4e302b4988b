"""The search for the record whose outputs are too large, step by step."""

from ad_chassis.eventlog.embedded_schema import StoredRecord
from ad_chassis.eventlog.oversize import KEPT_BYTES, Culprit, Oversize, set_aside
from ad_chassis.eventlog.port import Batch, TopicPartition

SOURCE, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)


def record(offset: int, value: bytes = b"v") -> StoredRecord:
    return StoredRecord(offset, 0, None, value, b"")


def batch(first: int, records: int, source: TopicPartition = SOURCE) -> Batch:
    return Batch(source, [record(first + number) for number in range(records)])


def test_half_as_many_come_after_each_refusal_and_twice_as_many_after_each_success() -> None:
    search = Oversize()
    assert search.refused(batch(0, 100), "too large")
    assert search.most(500) == 50
    assert search.refused(batch(0, 50), "too large")
    assert search.most(500) == 25
    search.stored(batch(0, 25))
    assert search.most(500) == 50


def test_the_search_ends_with_the_batch_that_began_it() -> None:
    search = Oversize()
    search.refused(batch(0, 100), "too large")
    search.stored(batch(0, 50))
    assert search.most(500) == 100
    search.stored(batch(50, 50))
    assert search.most(500) == 500


def test_a_record_that_is_refused_alone_is_to_blame_until_its_letter_is_stored() -> None:
    search = Oversize()
    assert search.refused(batch(7, 1), "too large")
    assert search.culprit(SOURCE) == Culprit(7, "too large")
    assert search.culprit(OTHER) is None
    search.stored(batch(7, 1))
    assert search.culprit(SOURCE) is None


def test_a_letter_that_is_refused_is_shortened_once_and_then_nothing_is_left_to_try() -> None:
    search = Oversize()
    assert search.refused(batch(7, 1), "too large")
    assert search.refused(batch(7, 1), "too large")
    assert search.culprit(SOURCE) == Culprit(7, "too large", shortened=True)
    assert not search.refused(batch(7, 1), "too large")


def test_a_partition_that_has_gone_holds_nobody_up() -> None:
    search = Oversize()
    search.refused(batch(0, 100), "too large")
    search.refused(batch(0, 1, OTHER), "too large")
    search.forget(SOURCE)
    search.forget(OTHER)
    assert search.most(500) == 500
    assert search.culprit(OTHER) is None


def test_only_the_culprit_is_set_aside_and_of_a_long_one_the_beginning() -> None:
    records = [record(1), record(2, b"x" * (KEPT_BYTES + 1)), record(3)]
    assert set_aside(records, None) is None
    assert set_aside(records, Culprit(9, "too large")) is None
    assert set_aside(records, Culprit(2, "too large")) == (
        records[1],
        "what it leads to is too large for the log: too large",
    )
    found = set_aside(records, Culprit(2, "too large", shortened=True))
    assert found is not None
    assert found[0].value == b"x" * KEPT_BYTES
    assert found[1].endswith("(of its 262,145 bytes the first 262,144 are kept here)")
