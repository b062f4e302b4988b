"""The Python API."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

from ad_detectors.errors import UnknownDetectorError
from anomaly_detection import (
    IQR,
    AnomalyDetector,
    ArtifactError,
    DataError,
    DetectorError,
    IsolationForest,
    ParameterError,
    ZScore,
)

ROWS = np.vstack([np.random.default_rng(0).normal(size=(400, 2)), [[9.0, -9.0]]])


@pytest.mark.parametrize("algorithm", ["isolation_forest", "zscore", "iqr"])
def test_the_outlier_is_labelled_1_and_ordinary_rows_0(algorithm) -> None:
    labels = AnomalyDetector(algorithm, contamination=0.01).fit_predict(ROWS)
    assert labels.dtype == np.int64
    assert labels[-1] == 1
    assert labels.sum() == 4


def test_frames_and_arrays_give_the_same_scores() -> None:
    columns = {"a": ROWS[:, 0], "b": ROWS[:, 1]}
    plain = AnomalyDetector().fit(ROWS).decision_function(ROWS)
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        detector = AnomalyDetector().fit(frame)
        assert detector.feature_names_in_ == ("a", "b")
        assert detector.decision_function(frame).tobytes() == plain.tobytes()


def test_frames_are_matched_by_name() -> None:
    frame = pl.DataFrame({"a": ROWS[:, 0], "b": ROWS[:, 1]})
    detector = AnomalyDetector().fit(frame)
    swapped = frame.select("b", "a")
    assert detector.predict(swapped).tolist() == detector.predict(frame).tolist()
    assert detector.predict(swapped.to_pandas()).tolist() == detector.predict(frame).tolist()


def test_missing_values_of_frames_are_welcome() -> None:
    for frame in (
        pl.DataFrame({"a": [1, None, 3], "b": [True, None, False]}),
        pd.DataFrame({"a": [1.0, None, 3.0], "b": [1, 2, 3]}),
        pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64")}),
    ):
        assert np.isfinite(AnomalyDetector("zscore").fit(frame).decision_function(frame)).all()


def test_text_columns_are_refused_by_name() -> None:
    for frame in (pl.DataFrame({"a": [1.0], "host": ["x"]}), pd.DataFrame({"a": [1.0], "host": ["x"]})):
        with pytest.raises(DataError, match="'host' is not numeric"):
            AnomalyDetector().fit(frame)


def test_labels_are_the_scores_above_the_threshold() -> None:
    detector = ZScore(contamination=0.1).fit(ROWS)
    assert (detector.predict(ROWS) == (detector.decision_function(ROWS) > detector.threshold_)).all()
    assert ((detector.probability(ROWS) > 0) & (detector.probability(ROWS) <= 1)).all()
    assert detector.n_features_in_ == 2


def test_explanations_name_the_feature() -> None:
    detector = IQR().fit(ROWS)
    explanation = detector.explain([[0.0, 40.0]])
    assert explanation.contributions[0].argmax() == 1


def test_a_saved_detector_comes_back_bit_equal(tmp_path) -> None:
    detector = IsolationForest(contamination=0.02, trees=30).fit(ROWS)
    again = AnomalyDetector.load(detector.save(tmp_path / "m.adm"))
    assert again.decision_function(ROWS).tobytes() == detector.decision_function(ROWS).tobytes()
    assert again.threshold_ == detector.threshold_
    assert again.get_params()["trees"] == 30


def test_a_file_that_is_no_model_is_refused(tmp_path) -> None:
    path = tmp_path / "x.adm"
    path.write_bytes(b"nonsense")
    with pytest.raises(ArtifactError, match=r"x\.adm"):
        AnomalyDetector.load(path)
    with pytest.raises(ArtifactError, match="no such model file"):
        AnomalyDetector.load(tmp_path / "none.adm")


def test_parameters_follow_scikit_learns_conventions() -> None:
    detector = AnomalyDetector("isolation_forest", contamination=0.1, trees=10)
    copy = clone(detector)
    assert copy.get_params() == {"algorithm": "isolation_forest", "contamination": 0.1, "trees": 10}
    assert copy.set_params(trees=5).get_params()["trees"] == 5
    assert clone(ZScore(contamination=0.3)).contamination == 0.3


def test_another_algorithm_starts_without_the_parameters_of_the_old_one() -> None:
    detector = AnomalyDetector("isolation_forest", trees=10)
    assert detector.set_params(algorithm="zscore").get_params() == {
        "algorithm": "zscore",
        "contamination": 0.05,
    }
    assert detector.set_params(algorithm="iqr", contamination=0.1).fit(ROWS).model_.algorithm == "iqr"


def test_an_explanation_shows_the_nearest_normal_row() -> None:
    detector = ZScore(contamination=0.01).fit(ROWS)
    nearest = detector.explain([[0.1, 30.0]]).nearest[0]
    assert (nearest == ROWS).all(axis=1).any()
    assert detector.predict([nearest]) == [0]


def test_what_chooses_for_itself_says_why() -> None:
    assert AnomalyDetector("auto").fit(ROWS).reasons_[0] == "size: 401 rows of 2 features"
    assert ZScore().fit(ROWS).reasons_ == ()


def test_unknown_names_are_told_at_once() -> None:
    with pytest.raises(ParameterError, match="'leaves' of isolation_forest; valid parameters: trees"):
        IsolationForest(leaves=3)
    with pytest.raises(ParameterError, match="'trees' of zscore"):
        AnomalyDetector("zscore").set_params(trees=3)
    with pytest.raises(ParameterError, match="AnomalyDetector"):
        ZScore().set_params(algorithm="iqr")


def test_wrong_values_are_told_by_fit() -> None:
    with pytest.raises(DetectorError, match="valid choices"):
        AnomalyDetector("magic").fit(ROWS)
    with pytest.raises(DetectorError, match="parameter 'algorithm' is 3"):
        AnomalyDetector(3).fit(ROWS)
    with pytest.raises(ParameterError, match="'trees' is 0; valid is a whole number from 1"):
        IsolationForest(trees=0).fit(ROWS)
    for share in (0.7, 0.0, -1, "much", None, float("nan")):
        with pytest.raises(ParameterError, match="contamination"):
            ZScore(contamination=share).fit(ROWS)
    with pytest.raises(DetectorError, match="fit"):
        AnomalyDetector().predict(ROWS)


@pytest.mark.parametrize("library", [np.array, list, pd.Series, pl.Series], ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", ["spectral_residual", "forecast_residual"])
def test_a_series_of_one_feature_may_have_one_dimension(library, name) -> None:
    line = ROWS[:, 0]
    expected = AnomalyDetector(name).fit(line.reshape(-1, 1)).decision_function(line.reshape(-1, 1))
    detector = AnomalyDetector(name).fit(library(line))
    assert detector.decision_function(library(line)).tobytes() == expected.tobytes()
    assert detector.n_features_in_ == 1


def test_a_table_keeps_the_error_of_scikit_learn_for_one_dimension() -> None:
    for data in (ROWS[:, 0], pd.Series(ROWS[:, 0])):
        with pytest.raises(DataError, match="Reshape your data"):
            AnomalyDetector("iqr").fit(data)
    with pytest.raises(DataError, match="Reshape your data"):
        AnomalyDetector("forecast_residual").fit(ROWS).predict(ROWS[0])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "adaptive",
            "'adaptive' is a streaming detector: use StreamDetector, as in `StreamDetector('adaptive')",
        ),
        ("adwin", "'adwin' is a drift detector: use create_drift, as in `from ad_detectors.catalog import"),
        ("edge_stream", "'edge_stream' is a graph detector: use create_graph"),
    ],
)
def test_a_detector_of_another_kind_is_told_at_once_with_who_takes_it(name, words) -> None:
    for call in (lambda: AnomalyDetector(name), lambda: AnomalyDetector().set_params(algorithm=name)):
        with pytest.raises(UnknownDetectorError) as caught:
            call()
        assert str(caught.value).startswith(words)


def test_a_folder_that_does_not_exist_is_told_before_a_model_is_written(tmp_path) -> None:
    path = tmp_path / "nowhere" / "m.adm"
    with pytest.raises(ParameterError) as caught:
        ZScore().fit(ROWS).save(path)
    assert str(caught.value) == (
        f"parameter 'path' is {str(path)!r}; the folder {str(path.parent)!r} does not exist, make it first"
    )
