"""Record batches that aiokafka's decoder gives up on: names of headers need not be UTF-8, and one record must not
keep all those after it from being read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiokafka import codec
from aiokafka.record.util import decode_varint

HEADER_BYTES = 61
CODECS: dict[int, Callable[[bytes], bytes]] = {
    0: bytes,
    1: codec.gzip_decode,
    2: codec.snappy_decode,
    3: codec.lz4_decode,
    4: codec.zstd_decode,
}
CODEC_MASK, LOG_APPEND_TIME = 0x07, 0x08


@dataclass(frozen=True, slots=True)
class PlainRecord:
    """A record with the names of its headers shown as well as they can be."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


def plain_records(batch: bytes) -> Iterator[PlainRecord]:
    """The records of one batch of format 2, https://kafka.apache.org/documentation/#recordbatch."""
    base_offset = int.from_bytes(batch[:8], "big", signed=True)
    attributes = int.from_bytes(batch[21:23], "big")
    first_ms = int.from_bytes(batch[27:35], "big", signed=True)
    last_ms = int.from_bytes(batch[35:43], "big", signed=True)
    count = int.from_bytes(batch[57:HEADER_BYTES], "big", signed=True)
    data = bytearray(CODECS[attributes & CODEC_MASK](batch[HEADER_BYTES:]))
    position = 0
    for _ in range(count):
        length, position = decode_varint(data, position)
        end = position + length
        delta_ms, position = decode_varint(data, position + 1)
        delta, position = decode_varint(data, position)
        key, position = _bytes(data, position)
        value, position = _bytes(data, position)
        headers, _ = _headers(data, position)
        time_ms = last_ms if attributes & LOG_APPEND_TIME else first_ms + delta_ms
        yield PlainRecord(base_offset + delta, time_ms, key, value, headers)
        position = end


def _headers(data: bytearray, position: int) -> tuple[list[tuple[str, bytes | None]], int]:
    count, position = decode_varint(data, position)
    found = []
    for _ in range(count):
        name, position = _bytes(data, position)
        value, position = _bytes(data, position)
        found.append(((name or b"").decode("utf-8", "replace"), value))
    return found, position


def _bytes(data: bytearray, position: int) -> tuple[bytes | None, int]:
    length, position = decode_varint(data, position)
    if length < 0:
        return None, position
    return bytes(data[position : position + length]), position + length
