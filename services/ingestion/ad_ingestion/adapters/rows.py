"""Rows of the tables from and to the domain."""

from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Row

from ad_contracts.events import RecordHeader, RecordRejected
from ad_data.schema import StreamSchema
from ad_ingestion.domain.batches import KeptReceipt, Receipt, Unpublished
from ad_ingestion.domain.dead_letters import DeadLetter, kind_of
from ad_ingestion.domain.lake import LakeFile
from ad_ingestion.domain.reservations import Reservation
from ad_ingestion.domain.streams import Hints, Stream, StreamSettings

TEXT_LIMITS = {"stream": 63, "topic": 255}


def stream_row(stream: Stream) -> dict[str, Any]:
    """Without the counters: they are only ever added to."""
    return {
        "tenant": stream.tenant,
        "name": stream.name,
        "generation": stream.generation,
        "revision": stream.revision,
        "deleted": stream.deleted,
        "topic": stream.topic,
        "schema": stream.schema.to_json() if stream.schema else None,
        "hints": asdict(stream.hints),
        "settings": asdict(stream.settings),
        "created_at": stream.created_at,
        "changed_at": stream.changed_at,
    }


def stream_of(row: Row[Any]) -> Stream:
    fields = row._asdict() | {
        "schema": StreamSchema.from_json(row.schema) if row.schema else None,
        "hints": Hints(**row.hints),
        "settings": StreamSettings(**row.settings),
    }
    return Stream(**fields)


def reservation_of(row: Row[Any, Any, Any, Any, Any]) -> Reservation:
    """Without the fields of the schema: a tenant may have thousands of streams."""
    hints = msgspec.json.decode(row.schema, type=Hints) if row.schema else Hints(**row.hints)
    most = StreamSettings(**row.settings).max_entities
    return Reservation(row.name, row.topic, None if hints.entity is None else most)


def file_row(stream: Stream, file: LakeFile) -> dict[str, Any]:
    return {
        "tenant": stream.tenant,
        "stream": stream.name,
        "generation": stream.generation,
        "key": file.key,
        "rows": file.rows,
        "size_bytes": file.size_bytes,
        "min_time_ms": file.min_time_ms,
        "max_time_ms": file.max_time_ms,
        "accepted_ms": file.accepted_ms,
    }


def file_of(row: Row[Any]) -> LakeFile:
    return LakeFile(
        row.key, row.rows, row.size_bytes, row.min_time_ms, row.max_time_ms, row.accepted_ms, row.id
    )


def unpublished_row(batch: Unpublished) -> dict[str, Any]:
    return {
        "file_id": batch.file_id,
        "batch_id": batch.batch_id,
        "lake_key": batch.lake_key,
        "tenant": batch.stream[0],
        "stream": batch.stream[1],
        "generation": batch.generation,
        "topic": batch.topic,
        "since": {str(partition): offset for partition, offset in batch.since.items()},
        "owner": batch.owner,
        "accepted_ms": batch.accepted_ms,
    }


def unpublished_of(row: Row[Any]) -> Unpublished:
    return Unpublished(
        file_id=row.file_id,
        batch_id=row.batch_id,
        lake_key=row.lake_key,
        stream=(row.tenant, row.stream),
        generation=row.generation,
        topic=row.topic,
        since={int(partition): offset for partition, offset in row.since.items()},
        owner=row.owner,
        accepted_ms=row.accepted_ms,
    )


def receipt_row(stream: Stream, kept: KeptReceipt, now_ms: int) -> dict[str, Any]:
    return {
        "tenant": stream.tenant,
        "stream": stream.name,
        "generation": stream.generation,
        "key": kept.key,
        "body_sha256": kept.body_sha256,
        "receipt": asdict(kept.receipt),
        "created_ms": now_ms,
    }


def receipt_of(row: Row[Any]) -> KeptReceipt:
    return KeptReceipt(row.key, row.body_sha256, Receipt(**row.receipt))


def dead_letter_row(letter: DeadLetter) -> dict[str, Any]:
    """PostgreSQL takes no NUL in a text, and what others write on a topic may hold anything."""
    fields = msgspec.structs.asdict(letter.event) | {
        "event_id": letter.event_id[:400],
        "headers": msgspec.msgpack.encode(letter.event.headers),
        "kind": kind_of(letter.event.reason),
    }
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = value.replace("\x00", "\ufffd")[: TEXT_LIMITS.get(name, 100_000)]
    return fields


def dead_letter_of(row: Row[Any]) -> DeadLetter:
    fields = {name: getattr(row, name) for name in RecordRejected.__struct_fields__}
    fields["headers"] = msgspec.msgpack.decode(row.headers, type=list[RecordHeader]) if row.headers else []
    return DeadLetter(row.event_id, RecordRejected(**fields), row.id, row.state, row.replayed_ms)
