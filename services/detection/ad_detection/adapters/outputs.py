"""Results of a batch as messages of the log."""

import io
from collections.abc import Sequence

import msgspec
import polars as pl

from ad_chassis.eventlog.port import Headers, Message, Record, TopicPartition
from ad_contracts.codec import CONTENT_TYPE, Codec
from ad_contracts.events import AnomalyDetected, RecordRejected
from ad_contracts.headers import GENERATION, cloud_event, recorded
from ad_contracts.topics import topic
from ad_detection.domain.grouping import header
from ad_detection.domain.results import Results, ScoreBlock

ARROW = "application/vnd.apache.arrow.stream"
ROWS_PER_MESSAGE = 5_000
SCORES_TYPE = "scores"
MOST_RAW_BYTES = 8 << 20
KEY_SEPARATOR = "\x1f"


class OutputWriter:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def messages(self, results: Results, traceparent: str | None = None) -> list[Message]:
        """Every message that a batch leads to, in the order of its records."""
        found = [self._anomaly(anomaly, traceparent) for anomaly in results.anomalies]
        found += [self._rejected(rejected) for rejected in results.rejected]
        for block in results.scores:
            found += _scores(block)
        return found

    def dead_letter(
        self, source: TopicPartition, record: Record, reason: str, *, tenant: str, now_ms: int
    ) -> Message:
        """A record that cannot be handled at all."""
        return self._rejected(
            RecordRejected(
                tenant=tenant,
                stream=header(record.headers, "ce_source"),
                reason=reason,
                raw=record.value or b"",
                content_type=header(record.headers, "content-type"),
                topic=source.topic,
                partition=source.partition,
                offset=record.offset,
                row=0,
                rejected_time_ms=now_ms,
                source="detection",
                headers=recorded(record.headers),
            )
        )

    def _anomaly(self, anomaly: AnomalyDetected, traceparent: str | None) -> Message:
        key = anomaly.stream if anomaly.entity is None else f"{anomaly.stream}{KEY_SEPARATOR}{anomaly.entity}"
        headers = cloud_event(
            anomaly.schema, anomaly.stream, anomaly.id, anomaly.event_time_ms, CONTENT_TYPE, traceparent
        )
        return Message(topic("anomalies", anomaly.tenant), self._codec.encode(anomaly), key.encode(), headers)

    def _rejected(self, rejected: RecordRejected) -> Message:
        rejected = of_bearable_size(rejected)
        source = rejected.stream or ""
        place = f"{rejected.topic}/{rejected.partition}/{rejected.offset}/{rejected.row}"
        headers = cloud_event(rejected.schema, source, place, rejected.rejected_time_ms, CONTENT_TYPE)
        return Message(
            topic("rejected", rejected.tenant), self._codec.encode(rejected), source.encode(), headers
        )


def of_bearable_size(rejected: RecordRejected) -> RecordRejected:
    """With the beginning of a record that is larger than a message may be; the whole stays on its topic."""
    size = len(rejected.raw)
    if size <= MOST_RAW_BYTES:
        return rejected
    kept = f"of its {size:,} bytes the first {MOST_RAW_BYTES:,} are kept here"
    return msgspec.structs.replace(
        rejected,
        raw=rejected.raw[:MOST_RAW_BYTES],
        reason=f"{rejected.reason} ({kept}, all at {rejected.topic}/{rejected.partition}/{rejected.offset})",
    )


def _scores(block: ScoreBlock) -> list[Message]:
    """Arrow messages of a size that every broker takes."""
    rule = block.rule
    frame = pl.DataFrame(
        {
            "record_id": block.record_ids,
            "entity": block.entities,
            "time_ms": block.time_ms,
            "score": block.score,
            "probability": block.probability,
            "label": block.label,
            "late": block.late,
        }
    ).with_columns(
        pl.lit(block.algorithm).alias("algorithm"),
        pl.lit(rule.model_version, dtype=pl.String).alias("model_version"),
    )
    name, key = topic("scores", rule.tenant), rule.stream.encode()
    messages = []
    for start in range(0, frame.height, ROWS_PER_MESSAGE):
        part = frame.slice(start, ROWS_PER_MESSAGE)
        headers = _score_headers(block, part)
        buffer = io.BytesIO()
        part.write_ipc_stream(buffer)
        messages.append(Message(name, buffer.getvalue(), key, headers))
    return messages


def _score_headers(block: ScoreBlock, part: pl.DataFrame) -> Headers:
    """A challenger's message begins with the same record as the champion's, and is another event."""
    rule = block.rule
    first: Sequence[str | int] = part.select("record_id", "time_ms").row(0)
    event_id = f"{first[0]}/{rule.model_version}" if block.in_shadow else str(first[0])
    headers = cloud_event(SCORES_TYPE, rule.stream, event_id, int(first[1]), ARROW)
    return [(GENERATION, str(rule.generation).encode()), *headers]
