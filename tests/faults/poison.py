"""Messages that no stream can take, or that look so."""

import io

import msgspec
import polars as pl

from ad_data.avro import encode_record
from tests.faults.records import SCHEMA, Reading, readings

JSON, AVRO, ARROW = b"application/json", b"application/avro", b"application/vnd.apache.arrow.stream"
LARGE_BYTES, TOO_LARGE_BYTES = 10 << 20, 33 << 19
DEEP = 100_000


def poison() -> dict[str, tuple[bytes | None, bytes]]:
    """By name, the value and the content type."""
    good = next(readings(9, "poison", 0.0))
    text, arrow = msgspec.json.encode(good), _arrow(good)
    return {
        "no value": (None, JSON),
        "empty": (b"", JSON),
        "broken JSON": (text[:-3], JSON),
        "not UTF-8": (b'{"time": "\xff\xfe"}', JSON),
        "not an object": (b"[1, 2, 3]", JSON),
        "deep nesting": (b'{"load":' + b"[" * DEEP + b"]" * DEEP + b"}", JSON),
        "wrong types": (b'{"time": 1, "sensor": "s0", "load": "much", "heat": {}}', JSON),
        "half a character": (b'{"time": 1, "sensor": "s0", "load": "\\ud800", "heat": 2.0}', JSON),
        "no entity": (b'{"time": 1, "load": 1.0, "heat": 2.0}', JSON),
        "numbers that are none": (b'{"time": 1, "sensor": "s0", "load": 1e999, "heat": NaN}', JSON),
        "large": (b'{"load": "' + b"x" * LARGE_BYTES + b'"}', JSON),
        "larger than what may go out": (b'{"load": "' + b"x" * TOO_LARGE_BYTES + b'"}', JSON),
        "bad magic": (b"\xc3\x02" + text, AVRO),
        "truncated Avro": (encode_record(msgspec.to_builtins(good), SCHEMA)[:-3], AVRO),
        "unknown schema": (b"\xc3\x01" + bytes(8) + b"\x02\x04", AVRO),
        "truncated Arrow": (arrow[: len(arrow) // 2], ARROW),
        "broken Arrow": (arrow[:40] + b"\x00" * 40 + arrow[80:], ARROW),
        "wrong dimension": (_arrow_of({"load": [[1.0, 2.0]], "heat": [1.0]}), ARROW),
        "unknown content type": (text, b"application/x-unknown"),
    }


def _arrow(reading: Reading) -> bytes:
    return _arrow_of({name: [value] for name, value in msgspec.to_builtins(reading).items()})


def _arrow_of(columns: dict[str, list[object]]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_ipc_stream(buffer)
    return buffer.getvalue()
