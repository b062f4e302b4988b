"""Keys of records, and the partition of a key as every Kafka client computes it."""

import struct
from functools import lru_cache

SEPARATOR = "\x1f"
SEED = 0x9747B28C
MULTIPLIER = 0x5BD1E995
MASK = 0xFFFFFFFF


def record_key(stream: str, entity: str | None = None) -> bytes:
    return (stream if entity is None else f"{stream}{SEPARATOR}{entity}").encode()


def split_record_key(key: bytes) -> tuple[str, str | None]:
    """Stream and entity of a record's key."""
    stream, separator, entity = key.decode().partition(SEPARATOR)
    return stream, entity if separator else None


def murmur2(key: bytes) -> int:
    """MurmurHash2 with Kafka's seed (org.apache.kafka.common.utils.Utils.murmur2), as an unsigned number."""
    length = len(key)
    whole = length & ~3
    value = SEED ^ length
    for (word,) in struct.iter_unpack("<I", key[:whole]):
        mixed = word * MULTIPLIER & MASK
        mixed = (mixed ^ mixed >> 24) * MULTIPLIER & MASK
        value = value * MULTIPLIER & MASK ^ mixed
    if whole != length:
        value = (value ^ int.from_bytes(key[whole:], "little")) * MULTIPLIER & MASK
    value = (value ^ value >> 13) * MULTIPLIER & MASK
    return value ^ value >> 15


@lru_cache(maxsize=1 << 16)
def partition_for(key: bytes, partitions: int) -> int:
    """The partition of a key; the same keys come again and again, so the answer is remembered."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
