"""One form for what a model and what the streaming detector say of rows."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ad_data.columns import Columns
from ad_detection.domain.control import StreamRule
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.state import PartitionState, StreamState
from ad_detectors import catalog
from ad_detectors.base import StreamingDetector, StreamingScores
from ad_detectors.model import Model, Scored

Floats = NDArray[np.float64]


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
    detector = catalog.create_streaming(settings.algorithm, **settings.streaming_parameters)
    stream = _stream_state(state, rule, columns.names, detector)
    slots = _slots(stream, columns, detector)
    scores = detector.update(stream.arrays, slots, columns.features, columns.time_ms)
    return StreamingJudgement(detector, scores, columns.names)


def _stream_state(
    state: PartitionState, rule: StreamRule, names: tuple[str, ...], detector: StreamingDetector
) -> StreamState:
    """What was learnt; nothing when the features or the detector are others, or its release since the snapshot."""
    known, settings = state.streams.get(rule.key), rule.settings
    if known is not None and known.features == names and known.algorithm == detector.name:
        if known.fits is not settings:
            known.fits = settings if detector.fits(known.arrays, len(names)) else None
        if known.fits is not None:
            return known
    table = EntityTable()
    arrays = detector.new_state(table.capacity, len(names))
    fresh = StreamState(names, table, arrays, detector.name, settings)
    state.streams[rule.key] = fresh
    return fresh


def _slots(stream: StreamState, columns: Columns, detector: StreamingDetector) -> NDArray[np.int64]:
    """The slot of every row; without an entity key the whole stream is one entity."""
    if columns.entities is None or columns.entity_codes is None:
        return np.full(len(columns), stream.entities.assign([""])[0], dtype=np.int64)
    slots = stream.entities.assign(columns.entities)
    if stream.entities.outgrown():
        stream.arrays = detector.grow(stream.arrays, stream.entities.next_capacity())
    rows: NDArray[np.int64] = slots[columns.entity_codes]
    return rows
