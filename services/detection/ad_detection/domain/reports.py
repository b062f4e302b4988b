"""What is told of the rows of one stream in one batch: anomalies, scores, rejections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_contracts.events import AnomalyDetected, RecordRejected
from ad_contracts.headers import recorded
from ad_contracts.ids import anomaly_id, record_id_prefix, silence_id
from ad_data.columns import Columns
from ad_data.json_rows import Failure
from ad_data.validate import Reject
from ad_detection.domain.control import StreamRule
from ad_detection.domain.episodes import Episode
from ad_detection.domain.grouping import Incoming, StoredRecord, header
from ad_detection.domain.judgement import Judgement
from ad_detection.domain.results import ScoreBlock
from ad_detection.domain.silence import Silence
from ad_detectors.calibration.severity import severities

ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
SILENCE = "silence_seconds"
EXPLAINED = ("expected", "lower", "upper", "contributions")


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows of one stream, by what they were judged, and the messages that they came in."""

    batch: Incoming
    rule: StreamRule
    records: Sequence[StoredRecord]
    columns: Columns
    judgement: Judgement
    late: NDArray[np.bool_]


def anomalies(judged: Judged, episodes: Mapping[int, Episode]) -> list[AnomalyDetected]:
    """One event per anomalous row, explained; each belongs to an episode."""
    flagged = np.flatnonzero(judged.judgement.label)
    if not len(flagged):
        return []
    columns, judgement = judged.columns, judged.judgement
    details = judgement.details(flagged)
    entities = _entities_of(columns, flagged)
    values = columns.features[flagged][:, [columns.names.index(name) for name in details.names]]
    probability = judgement.probability(flagged)
    grades = severities(probability)
    return [
        _anomaly(
            judged,
            row,
            episodes[row],
            entity=entities[place],
            severity=grades[place],
            probability=float(probability[place]),
            value=_named(details.names, values[place]),
            **{name: _named(details.names, getattr(details, name)[place]) for name in EXPLAINED},
        )
        for place, row in enumerate(flagged.tolist())
    ]


def score_block(judged: Judged) -> ScoreBlock:
    """The scores of all rows."""
    columns, judgement = judged.columns, judged.judgement
    prefixes = pl.Series([_prefix(judged.batch, record) for record in judged.records], dtype=pl.String)
    rows = pl.Series(columns.rows).cast(pl.String)
    return ScoreBlock(
        rule=judged.rule,
        algorithm=judgement.algorithm,
        record_ids=prefixes.gather(columns.messages) + "/" + rows,
        entities=_entities(columns),
        time_ms=columns.time_ms,
        score=judgement.score,
        probability=judgement.probability(np.arange(len(columns))),
        label=judgement.label,
        late=judged.late,
    )


def silent(judged: Judged, silence: Silence) -> AnomalyDetected:
    """A silence that a row brought to light."""
    columns = judged.columns
    offset = judged.records[int(columns.messages[silence.row])].offset
    return silence_event(judged.batch, judged.rule, silence, offset, int(columns.rows[silence.row]))


def silence_event(
    batch: Incoming, rule: StreamRule, silence: Silence, offset: int, row: int = 0
) -> AnomalyDetected:
    """The event that an entity sent nothing for too long: what would have been right is the limit."""
    seconds, limit = (silence.now_ms - silence.since_ms) / 1000, float(rule.settings.silence_seconds or 0.0)
    name = silence_id(rule.tenant, rule.stream, silence.entity, silence.since_ms)
    expected = {SILENCE: limit}
    event_time_ms = silence.since_ms + round(limit * 1000)
    return AnomalyDetected(
        id=name,
        tenant=rule.tenant,
        stream=rule.stream,
        entity=silence.entity,
        record_id=f"silence/{name}",
        event_time_ms=event_time_ms,
        detected_time_ms=batch.now_ms,
        partition=batch.partition,
        offset=offset,
        row=row,
        algorithm="silence",
        score=seconds,
        threshold=limit,
        probability=0.0,
        severity="medium",
        value={SILENCE: seconds},
        expected=expected,
        lower=expected,
        upper=expected,
        contributions={SILENCE: seconds},
        cold=False,
        imputed=False,
        kind="silence",
        episode_id=name,
        episode_start_time_ms=event_time_ms,
        generation=rule.generation,
    )


def name_of(judged: Judged, row: int) -> str:
    """The id of the anomaly that a row is."""
    batch, rule, columns = judged.batch, judged.rule, judged.columns
    offset = judged.records[int(columns.messages[row])].offset
    place = int(columns.rows[row])
    return anomaly_id(rule.tenant, rule.stream, batch.partition, offset, place, rule.model_version)


def _anomaly(judged: Judged, row: int, episode: Episode, **told: Any) -> AnomalyDetected:
    batch, rule, columns, judgement = judged.batch, judged.rule, judged.columns, judged.judgement
    record = judged.records[int(columns.messages[row])]
    place = int(columns.rows[row])
    return AnomalyDetected(
        id=name_of(judged, row),
        tenant=rule.tenant,
        stream=rule.stream,
        record_id=f"{_prefix(batch, record)}/{place}",
        event_time_ms=int(columns.time_ms[row]),
        detected_time_ms=batch.now_ms,
        partition=batch.partition,
        offset=record.offset,
        row=place,
        algorithm=judgement.algorithm,
        model=rule.model,
        model_version=rule.model_version,
        score=float(judgement.score[row]),
        threshold=judgement.threshold,
        cold=bool(judgement.cold[row]),
        imputed=bool(judgement.imputed[row]),
        late=bool(judged.late[row]),
        episode_id=episode.id,
        episode_start_time_ms=episode.start_ms,
        generation=rule.generation,
        **told,
    )


def _prefix(batch: Incoming, record: StoredRecord) -> str:
    headers = record.headers
    return record_id_prefix(
        batch.topic, batch.partition, record.offset, header(headers, "ce_id"), header(headers, "ad_batch_id")
    )


def _entities_of(columns: Columns, rows: NDArray[np.int64]) -> list[str | None]:
    """Of few rows."""
    if columns.entities is None or columns.entity_codes is None:
        return [None] * len(rows)
    return [columns.entities[code] for code in columns.entity_codes[rows].tolist()]


def _entities(columns: Columns) -> pl.Series:
    if columns.entities is None or columns.entity_codes is None:
        return pl.Series("entity", [None] * len(columns), dtype=pl.String)
    return pl.Series("entity", columns.entities, dtype=pl.String).gather(columns.entity_codes)


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    """Only what is known: a missing value is absent, never NaN."""
    return {name: value for name, value in zip(names, values.tolist(), strict=True) if isfinite(value)}


def unreadable(batch: Incoming, stream: str, record: StoredRecord, failure: Failure) -> RecordRejected:
    """A message that is no record, or a row of one with many, which is kept by itself, as JSON."""
    whole = rejected(batch, stream, record, failure.reason, failure.field, failure.row)
    if failure.record is None:
        return whole
    return msgspec.structs.replace(whole, raw=failure.record, content_type=JSON)


def rejected_row(
    batch: Incoming, stream: str, records: Sequence[StoredRecord], row: pl.DataFrame, reject: Reject
) -> RecordRejected:
    """A row of a message with many rows is kept by itself, as JSON."""
    record = records[row["_message"][0]]
    whole = rejected(batch, stream, record, reject.reason, reject.field, row["_row"][0])
    if whole.content_type != ARROW:
        return whole
    raw = row.drop("_message", "_row").write_ndjson().encode()
    return msgspec.structs.replace(whole, raw=raw, content_type=JSON)


def rejected(
    batch: Incoming,
    stream: str | None,
    record: StoredRecord,
    reason: str,
    field: str | None = None,
    row: int = 0,
) -> RecordRejected:
    return RecordRejected(
        tenant=batch.tenant,
        stream=stream,
        reason=reason,
        field=field,
        raw=record.value or b"",
        content_type=header(record.headers, "content-type"),
        topic=batch.topic,
        partition=batch.partition,
        offset=record.offset,
        row=row,
        rejected_time_ms=batch.now_ms,
        source="detection",
        headers=recorded(record.headers),
    )
