"""The scores of a file, by whichever kind of detector gave them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ad_detectors import catalog
from ad_detectors.base import Explanation
from ad_detectors.calibration.severity import severities
from ad_detectors.matrix import Floats
from ad_detectors.model import Model
from anomaly_detection.cli.tables import DataFile, moments


@dataclass(frozen=True)
class Findings:
    """Scores of all rows, and explanations of the anomalous ones.

    `rows` are the anomalous rows; `values`, `contributions`, `expected` and `nearest` have one line for each of
    them and one column for each of `names`, the features of the detector in its order. `nearest` is the normal
    training row that is most like each; a streaming detector keeps none.
    """

    algorithm: str
    names: tuple[str, ...]
    threshold: float
    score: Floats
    probability: Floats
    label: NDArray[np.bool_]
    rows: NDArray[np.int64]
    values: Floats
    contributions: Floats
    expected: Floats
    nearest: Floats | None = None

    @property
    def severities(self) -> list[str]:
        """One word for each anomalous row."""
        return list(severities(self.probability[self.rows])) if len(self.rows) else []


def by_model(model: Model, data: DataFile) -> Findings:
    """Score by a trained model."""
    scored = model.score_frame(data)
    rows = np.flatnonzero(scored.label)
    none = np.zeros((0, len(model.feature_names)))
    explained = scored.explain(rows) if len(rows) else Explanation(0.0, none, none, none, none, none)
    return Findings(
        model.algorithm,
        model.feature_names,
        model.threshold,
        scored.score,
        scored.probability,
        scored.label,
        rows,
        scored.matrix[rows],
        explained.contributions,
        explained.expected,
        explained.nearest,
    )


def by_stream(algorithm: str, parameters: dict[str, object], data: DataFile) -> Findings:
    """Score row after row by a streaming detector, each entity by itself; without one the file is one stream."""
    detector = catalog.create_streaming(algorithm, **parameters)
    keys = data.entities or [None] * data.rows
    numbers = {key: slot for slot, key in enumerate(dict.fromkeys(keys))}
    state = detector.new_state(len(numbers), len(data.names))
    slots, known = np.array([numbers[key] for key in keys], np.int64), moments(data)
    result = detector.update(state, slots, data.features, np.arange(data.rows) if known is None else known)
    rows = np.flatnonzero(result.anomaly)
    return Findings(
        algorithm,
        data.names,
        detector.threshold,
        result.score,
        result.probability,
        result.anomaly,
        rows,
        data.features[rows],
        result.contributions[rows],
        result.expected[rows],
    )
