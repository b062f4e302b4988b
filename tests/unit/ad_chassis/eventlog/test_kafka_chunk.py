"""Fetched record batches, piece by piece."""

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from ad_chassis.eventlog.kafka_chunk import Chunk

ABORT, COMMIT = b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"
TRANSACTIONAL, CONTROL = 0x10, 0x20


def batch(first, values, *, producer=-1, transactional=False, headers=(), codec=0):
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=codec, is_transactional=transactional, producer_id=producer,
        producer_epoch=0, base_sequence=0, batch_size=1 << 20,
    )  # fmt: skip
    for place, value in enumerate(values):
        builder.append(place, timestamp=1000 + place, key=b"k", value=value, headers=list(headers))
    return renumbered(bytes(builder.build()), first)


def renumbered(data, first):
    """The first offset stands outside of what the checksum covers."""
    return first.to_bytes(8, "big") + data[8:]


def marker(offset, producer, kind):
    from aiokafka.record.util import calc_crc32c

    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=True, producer_id=producer,
        producer_epoch=0, base_sequence=0, batch_size=1 << 20,
    )  # fmt: skip
    builder.append(0, timestamp=1, key=kind, value=b"", headers=[])
    data = bytearray(builder.build())
    data[21:23] = (TRANSACTIONAL | CONTROL).to_bytes(2, "big")
    data[17:21] = calc_crc32c(bytes(data[21:])).to_bytes(4, "big")
    return renumbered(bytes(data), offset)


def values(records):
    return [record.value for record in records]


@given(
    st.lists(st.lists(st.binary(max_size=9), min_size=1, max_size=7), max_size=6),
    st.integers(1, 9),
    st.integers(0, 5),
    st.sampled_from([0, 1, 3, 4]),
)
def test_pieces_of_any_size_are_all_records_from_the_position_on(batches, size, skipped, codec) -> None:
    data, offset = b"", 0
    for some in batches:
        data += batch(offset, some, codec=codec)
        offset += len(some)
    chunk, taken = Chunk(min(skipped, offset), data, None), []
    while not chunk.exhausted:
        piece = chunk.take(size)
        assert len(piece) <= size
        taken += piece
        assert chunk.position == (taken[-1].offset + 1 if taken else min(skipped, offset))
    flat = [value for some in batches for value in some]
    assert values(taken) == flat[skipped:]
    assert [record.offset for record in taken] == list(range(min(skipped, offset), offset))


def test_what_an_aborted_transaction_wrote_is_passed_over_and_what_a_later_one_wrote_is_not() -> None:
    data = (
        batch(0, [b"a"], producer=7, transactional=True)
        + batch(1, [b"b"], producer=8, transactional=True)
        + marker(2, 7, ABORT)
        + marker(3, 8, COMMIT)
        + batch(4, [b"c"], producer=7, transactional=True)
        + marker(5, 7, COMMIT)
    )
    chunk = Chunk(0, data, [(7, 0)])
    assert values(chunk.take(10)) == [b"b", b"c"]
    assert (chunk.position, chunk.exhausted) == (6, True)


def test_nothing_but_markers_still_moves_on() -> None:
    chunk = Chunk(0, marker(0, 7, COMMIT), [])
    assert chunk.take(10) == []
    assert (chunk.position, chunk.exhausted) == (1, True)


def test_the_beginning_of_a_batch_at_the_end_is_left_to_the_next_fetch() -> None:
    data = batch(0, [b"a"]) + batch(1, [b"b"])[:-1]
    chunk = Chunk(0, data, None)
    assert not chunk.too_large
    assert values(chunk.take(10)) == [b"a"]
    assert (chunk.position, chunk.exhausted) == (1, True)
    assert Chunk(1, batch(1, [b"b"])[:-1], None).too_large


def test_a_damaged_batch_is_an_error_and_not_a_record() -> None:
    data = bytearray(batch(0, [b"abc"]))
    data[-3] ^= 1
    with pytest.raises(CorruptRecordException, match="offset 0"):
        Chunk(0, bytes(data), None).take(1)


@pytest.mark.parametrize("codec", [0, 1, 3, 4])
def test_a_header_whose_name_is_no_text_is_shown_and_stops_nothing(codec) -> None:
    from aiokafka.record.util import calc_crc32c

    plain = batch(5, [b"a", None, b"c"], headers=[("name", b"v"), ("none", None)], codec=0)
    assert values(Chunk(5, plain, None).take(9)) == [b"a", None, b"c"]
    broken = bytearray(plain.replace(b"name", b"\xff\xfeme"))
    broken[17:21] = calc_crc32c(bytes(broken[21:])).to_bytes(4, "big")
    records = Chunk(6, bytes(broken), None).take(9)
    assert [(record.offset, record.timestamp, record.key, record.value) for record in records] == [
        (6, 1001, b"k", None), (7, 1002, b"k", b"c"),
    ]  # fmt: skip
    assert records[0].headers == [("\ufffd\ufffdme", b"v"), ("none", None)]


def test_where_the_next_fetch_begins_is_known_before_anything_is_taken() -> None:
    data = batch(5, [b"a", b"b"]) + batch(7, [b"c"])
    chunk = Chunk(6, data + data[:30], None)
    assert (chunk.following(), chunk.left) == (8, len(data) + 30)
    chunk.take(1)
    assert chunk.following() == 8
    assert chunk.left == len(batch(7, [b"c"])) + 30
    assert Chunk(6, data[:40], None).following() == 6
