import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from ad_contracts.partitioning import murmur2, partition_for, record_key, split_record_key


@pytest.mark.parametrize(
    ("key", "signed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_the_hash_is_the_one_of_kafkas_own_tests(key: bytes, signed: int) -> None:
    assert murmur2(key) == signed & 0xFFFFFFFF


@given(st.binary(max_size=80), st.integers(1, 200))
def test_a_key_goes_where_every_kafka_client_sends_it(key: bytes, partitions: int) -> None:
    everyone = list(range(partitions))
    assert partition_for(key, partitions) == DefaultPartitioner()(key, everyone, everyone)


@given(st.from_regex(r"[a-z][a-z0-9_-]{0,62}", fullmatch=True), st.none() | st.text())
def test_a_records_key_tells_stream_and_entity(stream: str, entity: str | None) -> None:
    if entity is None or not any("\ud800" <= letter <= "\udfff" for letter in entity):
        assert split_record_key(record_key(stream, entity)) == (stream, entity)
