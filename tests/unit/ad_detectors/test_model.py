"""Models score by one path, by matrix or by names."""

from dataclasses import dataclass

import numpy as np
import pytest

from ad_detectors.base import SeriesDetector
from ad_detectors.errors import DataError
from ad_detectors.model import Model, Training, data_hash
from ad_detectors.parameters import Parameters

ROWS = np.random.default_rng(0).normal(size=(500, 2)) * [1.0, 10.0]


@dataclass
class Columns:
    features: np.ndarray
    names: list[str]


@pytest.fixture(scope="module")
def model() -> Model:
    return Model.train("isolation_forest", ROWS, ["a", "b"], contamination=0.02, created_ms=5)


def test_training_leaves_a_record(model) -> None:
    assert (model.training.rows, model.training.created_ms) == (500, 5)
    assert model.training.data_sha256 == data_hash(ROWS) != data_hash(ROWS[::-1])
    assert model.training.metrics["anomalies"] == 10
    assert (model.algorithm, model.feature_names) == ("isolation_forest", ("a", "b"))


def test_columns_are_taken_by_name_in_any_order_and_others_left_alone(model) -> None:
    plain = model.score(ROWS).score
    swapped = np.column_stack([ROWS[:, 1], np.ones(500), ROWS[:, 0]])
    assert model.score_frame(Columns(ROWS, ["a", "b"])).score.tobytes() == plain.tobytes()
    assert model.score_frame(Columns(swapped, ["b", "x", "a"])).score.tobytes() == plain.tobytes()


def test_missing_features_are_refused_with_the_difference(model) -> None:
    with pytest.raises(DataError, match="missing: b; not known to it: c"):
        model.score_frame(Columns(ROWS, ["a", "c"]))


def test_labels_are_the_scores_above_the_threshold(model) -> None:
    scored = model.score(ROWS)
    assert (scored.label == (scored.score > model.threshold)).all()
    assert scored.label.sum() == 10


def test_rows_with_missing_values_are_marked(model) -> None:
    assert model.score([[np.nan, 1.0], [0.0, 1.0]]).imputed.tolist() == [True, False]


def test_explanations_are_made_for_the_rows_that_are_asked_for(model) -> None:
    scored = model.score(ROWS)
    some, every = scored.explain([3, 7]), scored.explain()
    assert some.contributions.tobytes() == every.contributions[[3, 7]].tobytes()


class Steps(SeriesDetector):
    """How far each point is from the one before it."""

    name = "steps"
    parameters_type = Parameters

    def _fit(self, matrix) -> None: ...
    def _score(self, matrix):
        return np.abs(np.diff(matrix[:, 0], prepend=matrix[0, 0]))

    def _contributions(self, matrix):
        return 0.0, self._score(matrix).reshape(-1, 1)

    def _to_arrays(self):
        return {}

    def _from_arrays(self, arrays) -> None: ...


def test_points_of_a_series_are_explained_among_their_neighbours() -> None:
    series = np.array([[1.0], [1.0], [5.0], [5.0]])
    detector = Steps().fit(series)
    scored = Model(detector, 1.0, 0.25, Training(4, "")).score(series)
    some = scored.explain([3, 2])
    assert some.contributions.tolist() == [[0.0], [4.0]]
    assert some.baseline == 0.0
    assert some.nearest.shape == some.expected.shape == (2, 1)


def test_another_contamination_moves_the_threshold_and_nothing_else(model) -> None:
    wider = model.with_contamination(0.1)
    assert wider.score(ROWS).label.sum() == 50
    assert wider.score(ROWS).score.tobytes() == model.score(ROWS).score.tobytes()
