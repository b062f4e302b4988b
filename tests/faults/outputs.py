"""What came out, one item for every thing that was told of a record, in the order in which it can be read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import asyncpg
import msgspec
import polars as pl
from pyarrow import ipc

from ad_contracts.codec import AvroCodec
from ad_contracts.events import AnomalyDetected, Event, RecordRejected
from ad_contracts.topics import topic
from tests.faults import topics
from tests.faults.models import SHADOW

CODEC = AvroCodec()
TIMES_OF_TELLING = {"detected_time_ms", "rejected_time_ms"}


class Item(NamedTuple):
    """Items of one lane must come in the order of their positions; `content` has every bit of what was told.

    Numbers stand there as text that reads back to the same bits.
    """

    id: str
    lane: tuple[Any, ...]
    position: tuple[int, int]
    content: Mapping[str, str]


class Told(NamedTuple):
    """Everything that a worker told of the records of a tenant; `shadow` is what the challenger scored."""

    scores: list[Item]
    shadow: list[Item]
    anomalies: list[Item]
    rejected: list[Item]
    stored: list[Item]


async def read_outputs(bootstrap: str, database: str, tenant: str) -> Told:
    scores = await _values(bootstrap, topic("scores", tenant))
    anomalies = await _values(bootstrap, topic("anomalies", tenant))
    rejected = await _values(bootstrap, topic("rejected", tenant))
    blocks = list(map(frame_of, scores))
    return Told(
        scores=[item for block in blocks if not in_shadow(block) for item in score_items(block)],
        shadow=[item for block in blocks if in_shadow(block) for item in score_items(block)],
        anomalies=[anomaly_item(CODEC.decode(value)) for value in anomalies],
        rejected=[rejected_item(CODEC.decode(value)) for value in rejected],
        stored=await stored(database, tenant),
    )


async def _values(bootstrap: str, name: str) -> list[bytes]:
    found = await topics.read(bootstrap, name)
    return [record.value for records in found.values() for record in records]


async def stored(database: str, tenant: str) -> list[Item]:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("SELECT event FROM anomalies WHERE tenant = $1", tenant)
    finally:
        await connection.close()
    events = (msgspec.convert(json.loads(row["event"]), AnomalyDetected) for row in rows)
    # A table has no order, so each is in a lane of its own.
    return [anomaly_item(event)._replace(lane=(event.id,)) for event in events]


def frame_of(message: bytes) -> pl.DataFrame:
    with ipc.open_stream(message) as reader:
        frame = pl.DataFrame(reader.read_all())
    assert isinstance(frame, pl.DataFrame)
    return frame


def in_shadow(block: pl.DataFrame) -> bool:
    return bool(block["model_version"][0] == SHADOW)


def score_items(frame: pl.DataFrame) -> Iterable[Item]:
    """The record's id says where it stands: topic/partition/offset/row; one of a batch was sent in order of time."""
    for told in frame.iter_rows(named=True):
        *place, row = told["record_id"].split("/")
        partition, offset = map(int, place[1:]) if len(place) > 1 else (None, told["time_ms"])
        content = {name: repr(value) for name, value in told.items()}
        yield Item(told["record_id"], (partition, told["entity"]), (offset, int(row)), content)


def anomaly_item(event: Event) -> Item:
    assert isinstance(event, AnomalyDetected), event
    return Item(event.id, (event.partition, event.entity), (event.offset, event.row), _content(event))


def rejected_item(event: Event) -> Item:
    assert isinstance(event, RecordRejected), event
    place = f"{event.topic}/{event.partition}/{event.offset}/{event.row}"
    # One partition may hold the rejected records of several others, each in its own order.
    return Item(place, (event.partition,), (event.offset or 0, event.row), _content(event))


def _content(event: Event) -> dict[str, str]:
    """All fields but the time of the telling; a database may give the keys of a document in any order."""
    fields = msgspec.to_builtins(event, order="sorted")
    return {name: repr(value) for name, value in fields.items() if name not in TIMES_OF_TELLING}
