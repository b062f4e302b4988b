"""Scores one batch of one partition: `(state, batch) -> (state, results)`, by nothing but its arguments.

What a record's score depends on is the state and the records before it, never the clock, nor how records were cut
into batches; so a replay of a topic gives the same bits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from ad_contracts.events import AnomalyDetected, RecordRejected
from ad_contracts.ids import anomaly_id, record_id_prefix
from ad_data.columns import Columns, to_columns
from ad_data.decode import decode
from ad_data.validate import Reject, validate
from ad_detection.domain.control import StreamKey, StreamRule
from ad_detection.domain.grouping import Group, StoredRecord, group_by_stream, header
from ad_detection.domain.judgement import Details, Judgement, ModelJudgement, judge_by_streaming
from ad_detection.domain.results import Results, ScoreBlock
from ad_detection.domain.state import PartitionState
from ad_detectors.calibration.severity import severities
from ad_detectors.model import Model

ARROW = "application/vnd.apache.arrow.stream"
Models = Mapping[StreamKey, Model]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A batch as the log gave it. `now_ms` is told, and only said in what comes out."""

    tenant: str
    topic: str
    partition: int
    records: Sequence[StoredRecord]
    now_ms: int


def score_batch(state: PartitionState, models: Models, batch: Incoming) -> Results:
    """Scores every record that fits its stream; changes `state`, and says why the others were rejected."""
    results = Results()
    for group in group_by_stream(batch.records):
        rule, reason = _rule(state, group, batch)
        if rule is None:
            results.rejected += [_rejected(batch, group.stream, record, reason) for record in group.records]
        else:
            _score_group(state, models, rule, group, batch, results)
    return results


def _rule(state: PartitionState, group: Group, batch: Incoming) -> tuple[StreamRule | None, str]:
    """The stream of a group, or why there is none. A topic with one stream needs no header."""
    if group.stream is not None:
        rule = state.rules.get((batch.tenant, group.stream))
        return rule, f"stream {group.stream!r} does not exist on topic {batch.topic}"
    if len(state.rules) == 1:
        return next(iter(state.rules.values())), ""
    return (
        None,
        f"the header ce_source must name the stream: topic {batch.topic} carries {len(state.rules)} streams",
    )


def _score_group(
    state: PartitionState,
    models: Models,
    rule: StreamRule,
    group: Group,
    batch: Incoming,
    results: Results,
) -> None:
    if rule.model is not None and rule.key not in models:
        return  # a replay: what a model scored left nothing behind
    records = group.records
    decoded = decode([record.value for record in records], group.content_types, rule.schema)
    for failure in decoded.failures:
        record = records[failure.message]
        results.rejected.append(
            _rejected(batch, rule.stream, record, failure.reason, failure.field, failure.row)
        )
    if decoded.frame.height == 0:
        return
    stored_ms = np.array([record.timestamp for record in records], dtype=np.int64)
    arrival = pl.Series(stored_ms[decoded.frame["_message"].to_numpy()])
    valid = validate(decoded.frame, rule.schema, arrival)
    for reject in valid.rejects:
        results.rejected.append(_rejected_row(batch, rule.stream, records, decoded.frame[reject.row], reject))
    if valid.frame.height == 0:
        return
    columns = to_columns(valid.frame, rule.schema, arrival.gather(valid.rows))
    judgement: Judgement = (
        judge_by_streaming(state, rule, columns)
        if rule.model is None
        else ModelJudgement(models[rule.key], columns)
    )
    _collect(rule, group, batch, columns, judgement, results)


def _collect(
    rule: StreamRule, group: Group, batch: Incoming, columns: Columns, judgement: Judgement, results: Results
) -> None:
    ids = _record_ids(group, batch, columns)
    results.rows[judgement.algorithm, rule.stream] += len(columns)
    flagged = np.flatnonzero(judgement.label)
    if len(flagged):
        results.anomalies += _anomalies(rule, group, batch, columns, judgement, flagged, ids)
    if rule.settings.publish_scores:
        results.scores.append(
            ScoreBlock(
                rule=rule,
                algorithm=judgement.algorithm,
                record_ids=ids,
                entities=_entities(columns),
                time_ms=columns.time_ms,
                score=judgement.score,
                probability=judgement.probability,
                label=judgement.label,
            )
        )


def _record_ids(group: Group, batch: Incoming, columns: Columns) -> pl.Series:
    prefixes = [
        record_id_prefix(
            batch.topic,
            batch.partition,
            record.offset,
            header(record.headers, "ce_id"),
            header(record.headers, "ad_batch_id"),
        )
        for record in group.records
    ]
    rows = pl.Series(columns.rows).cast(pl.String)
    return pl.Series("record_id", prefixes, dtype=pl.String).gather(columns.messages) + "/" + rows


def _entities(columns: Columns) -> pl.Series:
    if columns.entities is None or columns.entity_codes is None:
        return pl.Series("entity", [None] * len(columns), dtype=pl.String)
    return pl.Series("entity", columns.entities, dtype=pl.String).gather(columns.entity_codes)


def _anomalies(
    rule: StreamRule,
    group: Group,
    batch: Incoming,
    columns: Columns,
    judgement: Judgement,
    flagged: NDArray[np.int64],
    ids: pl.Series,
) -> list[AnomalyDetected]:
    details = judgement.details(flagged)
    entities = _entities(columns).gather(flagged).to_list()
    positions = [columns.names.index(name) for name in details.names]
    values = columns.features[flagged][:, positions]
    grades = severities(judgement.probability[flagged])
    found = []
    for place, row in enumerate(flagged.tolist()):
        offset = group.records[int(columns.messages[row])].offset
        found.append(
            AnomalyDetected(
                id=anomaly_id(
                    rule.tenant,
                    rule.stream,
                    batch.partition,
                    offset,
                    int(columns.rows[row]),
                    rule.model_version,
                ),
                tenant=rule.tenant,
                stream=rule.stream,
                entity=entities[place],
                record_id=ids[row],
                event_time_ms=int(columns.time_ms[row]),
                detected_time_ms=batch.now_ms,
                partition=batch.partition,
                offset=offset,
                row=int(columns.rows[row]),
                algorithm=judgement.algorithm,
                model=rule.model,
                model_version=rule.model_version,
                score=float(judgement.score[row]),
                threshold=judgement.threshold,
                probability=float(judgement.probability[row]),
                severity=grades[place],
                value=_named(details.names, values[place]),
                cold=bool(judgement.cold[row]),
                imputed=bool(judgement.imputed[row]),
                **_explained(details, place),
            )
        )
    return found


def _explained(details: Details, place: int) -> dict[str, dict[str, float]]:
    return {
        name: _named(details.names, getattr(details, name)[place])
        for name in ("expected", "lower", "upper", "contributions")
    }


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    """Only what is known: a missing value is absent, never NaN."""
    return {name: value for name, value in zip(names, values.tolist(), strict=True) if np.isfinite(value)}


def _rejected_row(
    batch: Incoming, stream: str, records: Sequence[StoredRecord], row: pl.DataFrame, reject: Reject
) -> RecordRejected:
    """A row of a message with many rows is kept by itself, as JSON."""
    record = records[row["_message"][0]]
    whole = _rejected(batch, stream, record, reject.reason, reject.field, row["_row"][0])
    if whole.content_type != ARROW:
        return whole
    raw = row.drop("_message", "_row").write_ndjson().encode()
    return msgspec.structs.replace(whole, raw=raw, content_type="application/json")


def _rejected(
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
    )
