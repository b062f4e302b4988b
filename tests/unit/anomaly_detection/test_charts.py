"""What is drawn."""

import numpy as np
import pytest

from ad_detectors.errors import DataError, ParameterError
from anomaly_detection import AnomalyDetector, StreamDetector
from anomaly_detection.charts import (
    MOST_BOUNDS,
    MOST_MARKS,
    Chart,
    blamed_features,
    of_model,
    of_stream,
    strongest,
)

ROWS = np.random.default_rng(0).normal(size=(5000, 9))
ROWS[100, 7] = 50.0
ROWS[200, 2] = -30.0


def chart(feature: object = None, share: float = 0.001) -> Chart:
    model = AnomalyDetector("zscore", contamination=share).fit(ROWS).model_
    return of_model(model, model.score(ROWS), feature)


def test_the_features_that_made_the_anomalies_come_first() -> None:
    found = chart()
    assert found.names[:2] == ("f7", "f2")
    assert found.title == "zscore: 5 anomalies in 5,000 rows; 6 of 9 features"
    assert found.values[100, 0] == 50.0
    assert {100, 200} <= set(found.marked.tolist())


def test_a_feature_is_blamed_for_a_fifth_of_what_the_strongest_contributes() -> None:
    contributions = np.array([[5.0, 1.0, 0.9], [-1.0, 0.0, -2.0], [0.0, 1.0, 1.0]])
    expected = [[True, True, False], [False] * 3, [False, True, True]]
    assert blamed_features(contributions).tolist() == expected
    found = chart(["f2", "f7"])
    assert found.blamed[found.marked.tolist().index(100)].tolist() == [False, True]


def test_bounds_are_explained_for_no_more_rows_than_can_be_seen() -> None:
    found = chart()
    assert len(found.explained) <= MOST_BOUNDS + len(found.marked)
    assert set(found.marked.tolist()) <= set(found.explained.tolist())
    assert found.expected.shape == found.lower.shape == (len(found.explained), 6)
    assert (found.lower < found.upper).all()


def test_features_can_be_asked_for_by_name() -> None:
    assert chart("f3").names == ("f3",)
    assert chart(["f8", "f0"]).names == ("f8", "f0")
    with pytest.raises(ParameterError, match="parameter 'feature' is 'f9'; valid are f0, f1"):
        chart("f9")


def test_of_very_many_anomalies_the_strongest_are_marked() -> None:
    score = np.arange(10_000.0)
    assert strongest(score, np.ones(10_000, np.bool_)).tolist() == list(range(10_000 - MOST_MARKS, 10_000))


def test_a_stream_is_drawn_entity_by_entity() -> None:
    result = StreamDetector("ewma").update(ROWS[:300, :2], ["a", "b"] * 150)
    with pytest.raises(DataError, match=r"of 2 entities; result\.of\(entity\)"):
        of_stream(result, None)
    found = of_stream(result.of("b"), "f1")
    assert found.title.startswith("ewma, b: ")
    assert found.values[:, 0].tolist() == ROWS[1:300:2, 1].tolist()
    assert found.threshold == result.threshold


def test_all_bounds_of_a_series_and_of_a_stream_are_there() -> None:
    detector = AnomalyDetector("forecast_residual", contamination=0.001).fit(ROWS[:, :1])
    found = of_model(detector.model_, detector.model_.score(ROWS[:, :1]), None)
    assert found.explained.tolist() == list(range(5000))
    result = StreamDetector("ewma").update(ROWS[:, :1])
    found = of_stream(result, None)
    assert found.explained.tolist() == list(range(5000))
    np.testing.assert_array_equal(found.upper, result.upper)
