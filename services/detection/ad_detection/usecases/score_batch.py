"""Scores one batch of one partition: `(state, batch) -> (state, results)`, by nothing but its arguments.

What a record's score depends on is the state and the records before it, never the clock, nor how records were cut
into batches; so a replay of a topic gives the same bits.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

from ad_data.columns import to_columns
from ad_data.decode import decode
from ad_data.validate import validate
from ad_detection.domain.control import StreamKey, StreamRule
from ad_detection.domain.grouping import Group, Incoming, group_by_stream
from ad_detection.domain.judgement import Judgement, ModelJudgement, judge_by_streaming
from ad_detection.domain.reports import Judged, anomalies, rejected, rejected_row, score_block
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState
from ad_detectors.model import Model

Models = Mapping[StreamKey, Model]


def score_batch(state: PartitionState, models: Models, batch: Incoming) -> Results:
    """Scores every record that fits its stream; changes `state`, and says why the others were rejected."""
    results = Results()
    for group in group_by_stream(batch.records):
        rule, reason = _rule(state, group, batch)
        if rule is None:
            results.rejected += [rejected(batch, group.stream, record, reason) for record in group.records]
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
            rejected(batch, rule.stream, record, failure.reason, failure.field, failure.row)
        )
    if decoded.frame.height == 0:
        return
    stored_ms = np.array([record.timestamp for record in records], dtype=np.int64)
    arrival = pl.Series(stored_ms[decoded.frame["_message"].to_numpy()])
    valid = validate(decoded.frame, rule.schema, arrival)
    for reject in valid.rejects:
        results.rejected.append(rejected_row(batch, rule.stream, records, decoded.frame[reject.row], reject))
    if valid.frame.height == 0:
        return
    columns = to_columns(valid.frame, rule.schema, arrival.gather(valid.rows))
    judgement: Judgement = (
        judge_by_streaming(state, rule, columns)
        if rule.model is None
        else ModelJudgement(models[rule.key], columns)
    )
    judged = Judged(batch, rule, records, columns, judgement)
    results.rows[judgement.algorithm, rule.stream] += len(columns)
    results.anomalies += anomalies(judged)
    if rule.settings.publish_scores:
        results.scores.append(score_block(judged))
