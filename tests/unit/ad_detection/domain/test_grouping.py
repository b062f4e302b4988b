"""Records of a batch by stream."""

import pytest

from ad_contracts.headers import GENERATION
from ad_detection.domain.grouping import group_by_stream, header, streams_named
from tests.support.records import Stored, stored


def test_records_of_a_stream_come_together_in_their_order() -> None:
    records = [stored(0, {}, "a"), stored(1, {}, "b"), stored(2, {}, "a"), Stored(3, b"{}")]
    groups = {group.stream: [record.offset for record in group.records] for group in group_by_stream(records)}
    assert groups == {"a": [0, 2], "b": [1], None: [3]}


def test_every_record_keeps_its_own_content_type() -> None:
    [group] = group_by_stream([Stored(0, b"{}"), Stored(1, b"", (("content-type", b"application/avro"),))])
    assert group.content_types == [None, "application/avro"]


def test_a_header_that_is_no_text_is_shown_and_one_that_is_missing_is_none() -> None:
    headers = (("ce_source", b"\xff\xfe"),)
    assert header(headers, "ce_source") == "\ufffd\ufffd"
    assert header(headers, "ce_id") is None


def test_the_streams_that_records_name_are_told_and_whether_some_name_none() -> None:
    records = [stored(0, {}, "a"), stored(1, {}, "b"), stored(2, {}, "a")]
    assert streams_named(records) == {("a", None), ("b", None)}
    assert streams_named([*records, Stored(3, b"{}")]) == {("a", None), ("b", None), (None, None)}


def test_a_header_without_a_value_says_nothing() -> None:
    records = [Stored(0, b"{}", (("ce_source", None), ("content-type", None)))]
    assert streams_named(records) == {(None, None)}
    [group] = group_by_stream(records)
    assert (group.stream, group.content_types) == (None, [None])


def test_streams_of_one_name_are_told_apart_where_records_say_which() -> None:
    source = ("ce_source", b"a")
    records = [Stored(offset, b"{}", ((GENERATION, b"%d" % (1 + offset % 2)), source)) for offset in range(3)]
    records.append(Stored(3, b"{}", (source,)))
    assert streams_named(records) == {("a", 1), ("a", 2), ("a", None)}
    groups = {group.generation: [each.offset for each in group.records] for group in group_by_stream(records)}
    assert groups == {1: [0, 2], 2: [1], None: [3]}


@pytest.mark.parametrize("value", [None, b"", b"x", b"-1", b"1.0", b"\xb2", b"9" * 5000])
def test_a_generation_that_is_none_says_nothing(value) -> None:
    records = [Stored(0, b"{}", ((GENERATION, value), ("ce_source", b"a")))]
    assert streams_named(records) == {("a", None)}
    assert [group.generation for group in group_by_stream(records)] == [None]
