"""One form for what a model and what the streaming detector say of rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ad_data.columns import Columns
from ad_detection.domain.control import StreamRule, StreamSettings
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.listing import KEPT, Met
from ad_detection.domain.names import Names
from ad_detection.domain.state import Fit, PartitionState, StreamState
from ad_detectors import catalog
from ad_detectors.base import StreamingDetector, StreamingScores
from ad_detectors.model import Model, Scored
from ad_detectors.streaming.base import joined

Floats = NDArray[np.float64]
PASSING_BYTES = 8 << 20
"""Memory for rows of entities that are not taken in: a random cut forest takes 0.9 MB for each."""


@dataclass(frozen=True, slots=True)
class Details:
    """Why some rows got their scores; arrays of one row per row asked for and one column per feature."""

    names: tuple[str, ...]
    expected: Floats
    lower: Floats
    upper: Floats
    contributions: Floats


class Judgement(Protocol):
    """Arrays of one entry per row."""

    @property
    def algorithm(self) -> str: ...
    @property
    def threshold(self) -> float: ...
    @property
    def score(self) -> Floats: ...
    @property
    def label(self) -> NDArray[np.bool_]: ...
    @property
    def cold(self) -> NDArray[np.bool_]: ...
    @property
    def imputed(self) -> NDArray[np.bool_]: ...
    @property
    def evicted(self) -> int:
        """Entities that gave way to new ones."""

    @property
    def refused(self) -> int:
        """Rows of new entities that were not taken in."""

    @property
    def met(self) -> Met | None:
        """How the entities of the rows stood, by a detector that knows them."""

    def probability(self, rows: NDArray[np.int64]) -> Floats:
        """Of some rows: most batches have few or none that anybody asks for."""

    def details(self, rows: NDArray[np.int64]) -> Details: ...


class ModelJudgement:
    """By a trained model, which knows the row and nothing else."""

    def __init__(self, model: Model, columns: Columns) -> None:
        scored: Scored = model.score_frame(columns)
        self.algorithm = model.algorithm
        self.threshold = scored.threshold
        self.score = scored.score
        self.label = scored.label
        self.imputed = scored.imputed
        self.cold = np.zeros(len(scored.score), dtype=np.bool_)
        self.evicted = self.refused = 0
        self.met = None
        self._names = model.feature_names
        self._scored = scored

    def probability(self, rows: NDArray[np.int64]) -> Floats:
        return self._scored.detector.probability(self.score[rows])

    def details(self, rows: NDArray[np.int64]) -> Details:
        why = self._scored.explain(rows)
        return Details(self._names, why.expected, why.lower, why.upper, why.contributions)


class StreamingJudgement:
    """By the streaming detector, which knows what the entity showed before, and learns the row."""

    def __init__(self, detector: StreamingDetector, scores: StreamingScores, names: tuple[str, ...]) -> None:
        self.algorithm = detector.name
        self.threshold = detector.threshold
        self.score = scores.score
        self.label = scores.anomaly
        self.imputed = scores.imputed
        self.cold = scores.cold
        self.evicted = self.refused = 0
        self.met: Met | None = None
        """How the entities of the rows stood."""
        self._names = names
        self._scores = scores

    def probability(self, rows: NDArray[np.int64]) -> Floats:
        return self._scores.probability[rows]

    def details(self, rows: NDArray[np.int64]) -> Details:
        scores = self._scores
        return Details(
            self._names,
            scores.expected[rows],
            scores.lower[rows],
            scores.upper[rows],
            scores.contributions[rows],
        )


def judge_by_streaming(state: PartitionState, rule: StreamRule, columns: Columns) -> StreamingJudgement:
    """Scores rows in their order and changes the state of the stream in this partition."""
    settings = rule.settings
    stream, detector = _stream_state(state, rule, columns.names)
    table = stream.entities
    evicted, refused = table.evicted, table.refused
    watch = state.watches.get(rule.key)
    stream.settle(0 if watch is None else watch.resident_bytes)
    names, codes = entities_of(columns)
    met = Met(rule.key, columns.entities or [""], names.hashes, codes)
    scores = joined(list(_scored(stream, columns, names, detector, settings.max_entities, met)))
    judgement = StreamingJudgement(detector, scores, columns.names)
    met.cold, judgement.met = scores.cold, met
    judgement.evicted, judgement.refused = table.evicted - evicted, table.refused - refused
    return judgement


def _stream_state(
    state: PartitionState, rule: StreamRule, names: tuple[str, ...]
) -> tuple[StreamState, StreamingDetector]:
    """What was learnt; nothing when the features or the detector are others, or its release since the snapshot."""
    known, settings = state.streams.get(rule.key), rule.settings
    if known is not None and known.features == names:
        if known.fits is not None and known.fits.settings is settings:
            return known, known.fits.detector
        detector = _detector(settings)
        if known.algorithm == detector.name and detector.fits(known.arrays, len(names)):
            known.fits = Fit(settings, detector)
            return known, detector
    detector = _detector(settings)
    table = EntityTable()
    arrays = detector.new_state(table.capacity, len(names))
    fresh = StreamState(names, table, arrays, detector.name, Fit(settings, detector))
    return state.begin(rule.key, fresh), detector


def _detector(settings: StreamSettings) -> StreamingDetector:
    return catalog.create_streaming(settings.algorithm, **settings.streaming_parameters)


def _scored(
    stream: StreamState,
    columns: Columns,
    names: Names,
    detector: StreamingDetector,
    limit: int,
    met: Met,
) -> Iterator[StreamingScores]:
    """Scores of the rows in parts: where a new entity finds no slot, others must go before that row."""
    start, table = 0, stream.entities
    while True:
        slots = table.place(names, met.codes, start, limit)
        if table.outgrown():
            stream.grow(detector, table.next_capacity())
        stop = start + len(slots)
        if (slots < 0).any():
            met.refused.append(np.flatnonzero(slots < 0) + start)
        if stop > start:
            rows = columns.features[start:stop], columns.time_ms[start:stop]
            yield _updated(stream, detector, slots, *rows)
        if stop == len(met.codes):
            return
        oldest = table.oldest(limit)
        met.evicted += table.names(table.latest(oldest, KEPT))
        stream.forget(table.evict(oldest))
        start = stop


def _updated(
    stream: StreamState,
    detector: StreamingDetector,
    slots: NDArray[np.int64],
    features: Floats,
    time_ms: NDArray[np.int64],
) -> StreamingScores:
    """A refused row is scored beside the state."""
    refused = np.flatnonzero(slots < 0)
    if len(refused) == 0:
        return _learnt(stream, detector, slots, features, time_ms)
    strange = _newcomers(detector, features[refused], time_ms[refused], stream.entity_bytes)
    held = np.flatnonzero(slots >= 0)
    if len(held) == 0:
        return strange
    known = _learnt(stream, detector, slots[held], features[held], time_ms[held])
    return joined([known, strange], np.argsort(np.concatenate([held, refused])))


def _learnt(
    stream: StreamState,
    detector: StreamingDetector,
    slots: NDArray[np.int64],
    features: Floats,
    time_ms: NDArray[np.int64],
) -> StreamingScores:
    """All rows at once, or as many entities at a time as memory is sure to hold."""
    residents = stream.residents
    if residents is None:
        return detector.update(stream.arrays, slots, features, time_ms)
    used, parts = stream.entities.book.used, []
    start = 0
    while start < len(slots):
        rows = slice(start, start + residents.most)
        places = residents.bring(slots[rows], used)
        parts.append(detector.update(stream.arrays, places, features[rows], time_ms[rows]))
        start += len(places)
    return joined(parts)


def _newcomers(
    detector: StreamingDetector, features: Floats, time_ms: NDArray[np.int64], entity_bytes: int
) -> StreamingScores:
    """Each row as the first of an entity of its own, of which nothing is kept."""
    step, parts = max(1, PASSING_BYTES // max(1, entity_bytes)), []
    for start in range(0, len(features), step):
        rows = features[start : start + step]
        slots = np.arange(len(rows), dtype=np.int64)
        state = detector.new_state(len(rows), rows.shape[1])
        parts.append(detector.update(state, slots, rows, time_ms[start : start + step]))
    return joined(parts)


def entities_of(columns: Columns) -> tuple[Names, NDArray[np.int64]]:
    """The names, and which of them each row has; without an entity key the whole stream is one entity."""
    if columns.entities is None or columns.entity_codes is None:
        return Names.of([""]), np.zeros(len(columns), dtype=np.int64)
    # A copy, since a kernel is compiled for arrays that can be written.
    return Names.of(columns.entities), np.array(columns.entity_codes, dtype=np.int64)
