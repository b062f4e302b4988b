"""Scores one batch of one partition: `(state, batch) -> (state, results)`, by nothing but its arguments.

What a record's score depends on is the state and the records before it, never the clock, nor how records were cut
into batches; so a replay of a topic gives the same bits.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate
from types import MappingProxyType

import numpy as np
import polars as pl

from ad_contracts.headers import TICK
from ad_data.columns import Columns, to_columns
from ad_data.decode import decode
from ad_data.schema import StreamSchema
from ad_data.validate import validate_typed
from ad_detection.domain.control import Challenger, StreamKey, StreamRule
from ad_detection.domain.episodes import keep_episodes
from ad_detection.domain.grouping import Group, Incoming, StoredRecord, group_by_stream
from ad_detection.domain.judgement import Judgement, ModelJudgement, judge_by_streaming
from ad_detection.domain.load import batch_load, merged
from ad_detection.domain.reports import (
    Judged,
    anomalies,
    name_of,
    rejected,
    rejected_row,
    score_block,
    silence_event,
    silent,
    unreadable,
)
from ad_detection.domain.results import Results
from ad_detection.domain.silence import silences_while_idle
from ad_detection.domain.state import PartitionState
from ad_detection.domain.ticks import decoded, is_tick, segments
from ad_detection.usecases.keep_time import Timely, keep_time
from ad_detection.usecases.score_challengers import Challengers, score_challengers
from ad_detectors.model import Model

Models = Mapping[StreamKey, Model]
NOBODY: Challengers = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one stream in a batch, and what scores them beside the champion."""

    rule: StreamRule
    group: Group
    challengers: Mapping[Challenger, Model] | None = None


def score_batch(
    state: PartitionState, models: Models, batch: Incoming, challengers: Challengers = NOBODY
) -> Results:
    """Scores every record that fits its stream; changes `state`, and says why the others were rejected."""
    results = Results()
    groups = group_by_stream(batch.records)
    if all(group.stream != TICK for group in groups):
        _score_groups(state, models, groups, batch, challengers, results)
    else:
        for records in segments(batch.records):
            part = replace(batch, records=records)
            if is_tick(records[0]):
                _pass_time(state, part, results)
            else:
                _score_groups(state, models, group_by_stream(records), part, challengers, results)
    results.rejected.sort(key=lambda rejected: (rejected.offset or 0, rejected.row))
    return results


def _pass_time(state: PartitionState, batch: Incoming, results: Results) -> None:
    """Time went on for streams that had no record."""
    [record] = batch.records
    tick = decoded(record)
    if tick is None:
        reason = f"calls itself {TICK!r}, and is none; a record names its stream in ce_source"
        results.rejected.append(rejected(batch, None, record, reason))
        return
    for stream, idle_ms in tick.idle_ms.items():
        key = (batch.tenant, stream)
        rule, clock = state.rules.get(key), state.clocks.get(key)
        if rule is not None and clock is not None and tick.seen_to > clock.last_offset:
            for silence in silences_while_idle(state, rule, max(0, idle_ms)):
                results.anomalies.append(silence_event(batch, rule, silence, record.offset))


def _score_groups(
    state: PartitionState,
    models: Models,
    groups: Sequence[Group],
    batch: Incoming,
    challengers: Challengers,
    results: Results,
) -> None:
    alike: dict[StreamSchema, list[Part]] = {}
    for group in groups:
        rule, reason = _rule(state, group, batch)
        if rule is None:
            results.rejected += [rejected(batch, group.stream, record, reason) for record in group.records]
        elif _scored(rule, models) or rule.settings.keeps_time:
            # Otherwise it is a replay: what a model scored left nothing behind.
            alike.setdefault(rule.schema, []).append(Part(rule, group, challengers.get(rule.key)))
    for schema, parts in alike.items():
        _score_parts(state, models, schema, parts, batch, results)


def _scored(rule: StreamRule, models: Models) -> bool:
    """False in a replay for what a model scored, which keeps nothing of it."""
    return rule.model is None or rule.key in models


def _rule(state: PartitionState, group: Group, batch: Incoming) -> tuple[StreamRule | None, str]:
    """The stream of a group, or why there is none. A topic with one stream needs no header."""
    if group.stream is not None:
        rule = state.rules.get((batch.tenant, group.stream))
        if rule is not None and group.generation is not None and group.generation < rule.generation:
            return None, f"stream {group.stream!r} was deleted and made anew since the record was accepted"
        return rule, f"stream {group.stream!r} does not exist on topic {batch.topic}"
    if len(state.rules) == 1:
        return next(iter(state.rules.values())), ""
    return (
        None,
        f"the header ce_source must name the stream: topic {batch.topic} carries {len(state.rules)} streams",
    )


def _score_parts(
    state: PartitionState,
    models: Models,
    schema: StreamSchema,
    parts: Sequence[Part],
    batch: Incoming,
    results: Results,
) -> None:
    """Streams of one schema are decoded at once: what decoding costs before the first record is paid once."""
    records = [record for part in parts for record in part.group.records]
    columns, frame = _decoded(schema, parts, records, batch, results)
    start = row = 0
    for part in parts:
        stop = start + len(part.group.records)
        own = columns if len(parts) == 1 else columns.of_messages(start, stop)
        timely = keep_time(state, part.rule, own)
        if part.rule.settings.keeps_time:
            state.clocks[part.rule.key].last_offset = part.group.records[-1].offset
        for reject in timely.too_late:
            late = rejected_row(batch, part.rule.stream, records, frame[row + reject.row], reject)
            results.rejected.append(late)
        results.too_late[part.rule.stream] += len(timely.too_late)
        if len(timely.columns) and _scored(part.rule, models):
            _score_columns(state, models, part, timely, batch, results)
        start, row = stop, row + len(own)


def _decoded(
    schema: StreamSchema,
    parts: Sequence[Part],
    records: Sequence[StoredRecord],
    batch: Incoming,
    results: Results,
) -> tuple[Columns, pl.DataFrame]:
    """The records that fit the schema, as arrays and as they came; the others are told of."""
    content_types = [kind for part in parts for kind in part.group.content_types]
    ends = list(accumulate(len(part.group.records) for part in parts))
    decoded = decode([record.value for record in records], content_types, schema)
    for failure in decoded.failures:
        part = parts[bisect_right(ends, failure.message)]
        told = unreadable(batch, part.rule.stream, records[failure.message], failure)
        results.rejected.append(told)
    stored_ms = np.array([record.timestamp for record in records], dtype=np.int64)
    arrival = stored_ms[decoded.frame["_message"].to_numpy()]
    valid = validate_typed(decoded.frame, schema, pl.Series(arrival))
    for reject in valid.rejects:
        row = decoded.frame[reject.row]
        part = parts[bisect_right(ends, int(row["_message"].item()))]
        results.rejected.append(rejected_row(batch, part.rule.stream, records, row, reject))
    return to_columns(valid.frame, schema, pl.Series(arrival[valid.rows])), valid.frame


def _score_columns(
    state: PartitionState,
    models: Models,
    part: Part,
    timely: Timely,
    batch: Incoming,
    results: Results,
) -> None:
    rule, columns = part.rule, timely.columns
    judgement: Judgement = (
        judge_by_streaming(state, rule, columns)
        if rule.model is None
        else ModelJudgement(models[rule.key], columns)
    )
    judged = Judged(batch, rule, part.group.records, columns, judgement, timely.late)
    results.rows[judgement.algorithm, rule.stream] += len(columns)
    results.loads[rule.stream] = merged(results.loads.get(rule.stream), batch_load(columns))
    results.cold[rule.stream] += int(judgement.cold.sum())
    results.evicted[rule.stream] += judgement.evicted
    results.refused[rule.stream] += judgement.refused
    if judgement.met is not None:
        results.met.append(judgement.met)
    results.late[rule.stream] += int(timely.late.sum())
    going = state.episodes.setdefault(rule.key, {})
    episodes = keep_episodes(going, columns, judgement.label, partial(name_of, judged))
    found = [silent(judged, silence) for silence in timely.silences] + anomalies(judged, episodes)
    if timely.silences:
        found.sort(key=lambda anomaly: (anomaly.offset, anomaly.row))
    results.anomalies += found
    if rule.settings.publish_scores:
        results.scores.append(score_block(judged))
    if part.challengers:
        score_challengers(judged, part.challengers, results)
